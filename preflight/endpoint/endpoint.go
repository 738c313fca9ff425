//go:build cluster

// Package endpoint knows where a Runtime calls Argo CD: the address that the chart builds
// from the values. Field names, defaults and the shape of the address are those of
// gitops-runtime 0.18 to 0.30.
package endpoint

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Server is what the values say of Argo CD's API, in the mapping `server` at the auth
// block's place.
type Server struct {
	Path     string   // of the mapping, as a values path
	Service  string   // svc: its name, which may be qualified; the chart's default where none is given
	Named    bool     // the values name it
	Port     int      // 80 where none is given, NoPort where it is not a port
	RootPath string   // rootpath, as it is written
	Missing  []string // fields that the chart requires and the values clear
}

// NoPort stands for a port that is none: a name, a fraction, a list.
const NoPort = -1

const defaultPort = 80

// Of returns what the values of a Runtime say. version is its chart's, nil where it is not
// known: then the place of the block tells the generation, and the newest counts where
// there is no block either. isComplete is set where the values hold the chart's own, so that
// what is not there was cleared.
func Of(r schema.Runtime, version *auth.ChartVersion, isComplete bool) Server {
	g := generation(r, version)
	path := mapping(g)
	at := r.Values.Root.At(path...)
	s := Server{Path: strings.Join(path, "."), Service: g.Server, Port: defaultPort}
	given := func(name string) *values.Value {
		v := at.Field(name)
		switch {
		case !v.IsUnset():
			return v
		case v != nil || isComplete && at != nil:
			s.Missing = append(s.Missing, name)
		}
		return nil
	}
	if svc := given("svc"); svc != nil {
		s.Service, s.Named = fmt.Sprint(svc.Scalar), !r.Values.IsDefault(svc)
	}
	if port := given("port"); port != nil {
		s.Port = NoPort
		if n, err := strconv.ParseUint(fmt.Sprint(port.Scalar), 10, 16); err == nil && n > 0 {
			s.Port = int(n)
		}
	}
	s.RootPath = at.Field("rootpath").Str()
	return s
}

func generation(r schema.Runtime, version *auth.ChartVersion) auth.Generation {
	all := auth.Generations()
	if version != nil && version.Generation() != nil {
		return *version.Generation()
	}
	isPlace := func(g auth.Generation) bool { return strings.Join(g.BlockPath, ".") == r.Place }
	hasServer := func(g auth.Generation) bool {
		return r.Values.Root.At(mapping(g)...) != nil
	}
	for _, is := range []func(auth.Generation) bool{isPlace, hasServer} {
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i]
		}
	}
	return all[len(all)-1]
}

// mapping is the path of the mapping `server`: that of the block is in it from 0.26 on, and
// beside it before.
func mapping(g auth.Generation) []string {
	path := slices.Clone(g.BlockPath[:len(g.BlockPath)-1])
	if path[len(path)-1] != "server" {
		path = append(path, "server")
	}
	return path
}

// URL is the address as the chart builds it: always plain http, and resolved in the
// Runtime's namespace.
func (s Server) URL() string { return s.url(s.Service) }

// From is the same address for a caller in any namespace of the cluster.
func (s Server) From(namespace string) string { return s.url(s.host(namespace)) }

// TLS is where the same server would be called by TLS, which the chart never does.
func (s Server) TLS(namespace string, port int32) string {
	return fmt.Sprintf("https://%s:%d%s", s.host(namespace), port, s.RootPath)
}

func (s Server) host(namespace string) string {
	if strings.Contains(s.Service, ".") {
		return s.Service
	}
	return s.Service + "." + namespace + ".svc"
}

func (s Server) url(host string) string {
	if s.Port != defaultPort && s.Port != NoPort {
		host += ":" + strconv.Itoa(s.Port)
	}
	return "http://" + host + s.RootPath
}

// Name splits the Service's name off, and the namespace that it is qualified with.
func (s Server) Name() (name, namespace string) {
	name, rest, _ := strings.Cut(s.Service, ".")
	namespace, _, _ = strings.Cut(rest, ".")
	return name, namespace
}

// IsOf reports whether the host of an address is one of the names of a Service in the
// cluster.
func IsOf(address, service, namespace string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	name := service
	for _, more := range []string{"", "." + namespace, ".svc", ".cluster.local"} {
		name += more
		if u.Hostname() == name {
			return true
		}
	}
	return false
}

// SameRoot reports whether two root paths are the same to Argo CD, which trims slashes.
func SameRoot(a, b string) bool { return strings.Trim(a, "/") == strings.Trim(b, "/") }
