// Package argocdcli reads the sessions of Argo CD's own command line: from its
// environment, and from its config file. What it reads is that of argo-cd v3
// (util/config/env.go, util/localconfig, pkg/apiclient). No error quotes a token, and the
// sessions are nobody's to end but that program's.
package argocdcli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kballard/go-shellquote"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// PortForward is the server of a context that was logged in to with --port-forward.
const PortForward = "port-forward"

// Session is a server, and somebody who has signed in to it.
type Session struct {
	Name      string      // what it comes from: ARGOCD_SERVER, or a context
	Server    string      // HOST[:PORT]; "" where none is named
	RootPath  string      // the path below which it is served
	PlainText bool        // without TLS
	Insecure  bool        // with any certificate
	Token     auth.Secret // zero where nobody has signed in
}

// URL returns the address of the API, "" where no server is named.
func (s Session) URL() string {
	if s.Server == "" {
		return ""
	}
	return Address(s.Server, s.PlainText, s.RootPath)
}

// Address makes an address of a server as Argo CD's command line takes it.
func Address(server string, plainText bool, rootPath string) string {
	if !strings.Contains(server, "://") {
		scheme := map[bool]string{true: "http", false: "https"}[plainText]
		server = scheme + "://" + server
	}
	return strings.TrimRight(server, "/") + strings.TrimRight("/"+strings.Trim(rootPath, "/"), "/")
}

// IsFor reports whether the session is one with the server at an address. A token of a server
// that is called by https is not for an address without TLS at the same port.
func (s Session) IsFor(address string) bool {
	own := host(s.URL())
	bare := strings.HasPrefix(strings.ToLower(address), "http:") && !strings.HasPrefix(strings.ToLower(s.URL()), "http:")
	return own != "" && own == host(address) && !bare
}

// host returns the host and port of an address, "" where it is none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Environment reads ARGOCD_SERVER, ARGOCD_AUTH_TOKEN and ARGOCD_OPTS, of which the last
// comes first.
func Environment(getenv func(string) string) (Session, error) {
	s := Session{Name: "ARGOCD_SERVER", Server: getenv("ARGOCD_SERVER"), Token: auth.NewSecret(strings.TrimSpace(getenv("ARGOCD_AUTH_TOKEN")))}
	words, err := shellquote.Split(getenv("ARGOCD_OPTS"))
	if err != nil {
		return Session{}, errors.New("ARGOCD_OPTS has a quote without its other half")
	}
	options := map[string]string{}
	for i := 0; i < len(words); i++ {
		name, isFlag := strings.CutPrefix(words[i], "--")
		if !isFlag {
			return Session{}, fmt.Errorf("word %d of ARGOCD_OPTS belongs to no flag", i+1)
		}
		name, value, has := strings.Cut(name, "=")
		switch {
		case has:
		case i+1 < len(words) && !strings.HasPrefix(words[i+1], "--"):
			i++
			value = words[i]
		default:
			value = "true"
		}
		options[name] = value
	}
	if server := options["server"]; server != "" {
		s.Name, s.Server = "ARGOCD_OPTS", server
	}
	if token := options["auth-token"]; token != "" {
		s.Token = auth.NewSecret(strings.TrimSpace(token))
	}
	s.RootPath = options["grpc-web-root-path"]
	s.PlainText, s.Insecure = options["plaintext"] == "true", options["insecure"] == "true"
	return s, nil
}

// ConfigFile returns the path of the config file. exists looks for a folder: the old place
// counts where it is there.
func ConfigFile(getenv func(string) string, exists func(string) bool) string {
	home := getenv("HOME")
	old := filepath.Join(home, ".argocd")
	switch dir := getenv("ARGOCD_CONFIG_DIR"); {
	case dir != "":
		return filepath.Join(dir, "config")
	case exists(old):
		return filepath.Join(old, "config")
	case getenv("XDG_CONFIG_HOME") != "":
		return filepath.Join(getenv("XDG_CONFIG_HOME"), "argocd", "config")
	}
	return filepath.Join(home, ".config", "argocd", "config")
}

// config is the file.
type config struct {
	Current  string `json:"current-context"`
	Contexts []struct{ Name, Server, User string }
	Servers  []struct {
		Server    string
		RootPath  string `json:"grpc-web-root-path"`
		Insecure  bool
		PlainText bool `json:"plain-text"`
		Core      bool
	}
	Users []struct {
		Name  string
		Token string `json:"auth-token"`
	}
}

// Context returns the session of a context in the text of the config file, that of the
// current one where name is "".
func Context(text []byte, name string) (Session, error) {
	var c config
	if yaml.Unmarshal(text, &c) != nil { // the error might quote a token
		return Session{}, errors.New("it does not parse")
	}
	if name == "" {
		name = c.Current
	}
	var names []string
	for _, x := range c.Contexts {
		names = append(names, strconv.Quote(x.Name))
	}
	i := slices.IndexFunc(c.Contexts, func(x struct{ Name, Server, User string }) bool { return x.Name == name })
	switch {
	case name == "":
		return Session{}, errors.New("it has no current context")
	case i < 0:
		return Session{}, fmt.Errorf("it has no context %q; it has %s", name, strings.Join(names, ", "))
	}
	s := Session{Name: fmt.Sprintf("context %q", name), Server: c.Contexts[i].Server}
	for _, server := range c.Servers {
		if server.Server != s.Server {
			continue
		}
		if server.Core {
			return Session{}, fmt.Errorf("context %q was logged in to with --core, which has no session", name)
		}
		s.RootPath, s.Insecure, s.PlainText = server.RootPath, server.Insecure, server.PlainText
	}
	for _, user := range c.Users {
		if user.Name == c.Contexts[i].User {
			s.Token = auth.NewSecret(user.Token)
		}
	}
	if s.Server == "" || s.Token.IsZero() {
		return Session{}, fmt.Errorf("nobody is signed in to context %q", name)
	}
	return s, nil
}
