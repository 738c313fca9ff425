package argocdtest

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Cluster is where a Recorder puts the worlds of its script.
type Cluster interface {
	// Apply makes the objects of Argo CD those of a world.
	Apply(context.Context, *World) error
	// Present returns them as they are now, but for argocd-rbac-cm and AppProjects.
	Present(context.Context) (*World, error)
}

// Recorder records what an Argo CD answers to the requests of a script.
type Recorder struct {
	// Dial connects to Argo CD, for https too: TLS is then spoken over the connection.
	Dial func(ctx context.Context, scheme string) (net.Conn, error)
	// Scheme and Host are those of the server, and RootPath where it is served.
	Scheme, Host, RootPath string
	// Cluster is written to, and the worlds of the script put there; nil to record the
	// world as it is, by requests that change nothing.
	Cluster Cluster
	// Flags are those of argocd-server where it is known how it was started. Exchanges of
	// a script with worlds that had others are left out.
	Flags []string
	// Values stand in requests for ${NAME}, and are in no line of the recording.
	Values map[string]string
	// Settle is how long Argo CD takes to notice a world.
	Settle time.Duration
	Now    func() time.Time
	// Skip is told of each exchange that is left out; nil to tell nobody.
	Skip func(name, why string)
}

// ShortScript asks what can be asked of any Argo CD. ${TOKEN} is an API key of
// ${ACCOUNT}; ${USERNAME} and ${PASSWORD} sign in, which gives ${SESSION}.
func ShortScript() []Exchange {
	get := func(name, path string, headers map[string]string) Exchange {
		return Exchange{Name: name, Request: Request{Method: "GET", Path: path, Headers: headers}}
	}
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	const userinfo, account = "/api/v1/session/userinfo", "/api/v1/account"
	key, session := bearer("${TOKEN}"), bearer("${SESSION}")
	all := []Exchange{
		get("version", "/api/version", nil), get("version-slash", "/api/version/", nil), get("healthz", "/healthz", nil),
		get("path-unknown", "/api/v1/nothing", nil), get("userinfo-none", userinfo, nil), get("userinfo-garbage", userinfo, bearer("a.b.c")),
		get("account-none", account+"/admin", nil), get("account-garbage", account+"/admin", bearer("a.b.c")),
		{Name: "session-no-type", Request: Request{Method: "POST", Path: "/api/v1/session", Body: "{}"}},
		{Name: "session-empty", Request: Request{Method: "POST", Path: "/api/v1/session", Headers: map[string]string{"Content-Type": "application/json"}, Body: "{}"}},
		get("version-api-key", "/api/version", key), get("userinfo-api-key", userinfo, key),
		get("account-api-key", account+"/${ACCOUNT}", key), get("list-api-key", account, key),
	}
	for _, right := range []string{"accounts/update/${ACCOUNT}", "applications/get/*/*", "applications/sync/*/*", "clusters/get/*", "projects/get/*", "repositories/get/*"} {
		all = append(all, get("can-i-"+right, account+"/can-i/"+right, key))
	}
	return append(all,
		Exchange{Name: "session", Request: Request{Method: "POST", Path: "/api/v1/session", Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"username":"${USERNAME}","password":"${PASSWORD}"}`}},
		get("userinfo-session", userinfo, session), get("account-session", account+"/${USERNAME}", session),
		get("logout", "/auth/logout", map[string]string{"Cookie": cookieName + "=${SESSION}"}), get("userinfo-after-logout", userinfo, session))
}

// Record sends the requests of a script one after the other. What cannot be sent is left
// out; the error says that the cluster could not be written to, or that ctx is over.
func (r Recorder) Record(ctx context.Context, script []Exchange) (Recording, error) {
	all := Recording{Server: "argocd-server", Format: 1, Note: "Recorded from a running argocd-server; the format is that of the recording it is compared with."}
	r.Values = maps.Clone(r.Values)
	if r.Values == nil {
		r.Values = map[string]string{}
	}
	nothing := &World{Flags: r.Flags, RootPath: r.RootPath}
	var present *World
	for _, e := range script {
		if why := r.unfit(e); why != "" {
			if r.Skip != nil {
				r.Skip(e.Name, why)
			}
			continue
		}
		isShort := e.World == nil
		if r.Cluster == nil || isShort {
			e.World, e.State, e.After = nothing, nil, nil
		} else if !reflect.DeepEqual(present, e.World) {
			if err := r.Cluster.Apply(ctx, e.World); err != nil {
				return all, err
			}
			if err := wait(ctx, r.Settle); err != nil {
				return all, err
			}
			present = e.World
		}
		if isShort {
			e.Request.Path = r.RootPath + e.Request.Path
		}
		e.Response = r.send(ctx, e.Request)
		e.Now = issued(e.Response, r.Now())
		if err := ctx.Err(); err != nil {
			return all, err
		}
		if r.Cluster != nil && e.Mutates && !isShort {
			after, err := r.Cluster.Present(ctx)
			if err != nil {
				return all, err
			}
			e.After, present = e.World.Changed(after.Memory()), nil
		}
		var version struct{ Version string }
		if json.Unmarshal([]byte(e.Response.Body), &version) == nil && all.Version == "" {
			all.Version = strings.TrimPrefix(version.Version, "v")
		}
		if r.Cluster == nil || isShort {
			e = r.withoutValues(e)
		}
		all.Exchanges = append(all.Exchanges, e)
	}
	return all, nil
}

// unfit says why an exchange cannot be recorded.
func (r Recorder) unfit(e Exchange) string {
	text := e.Request.Path + e.Request.Body + strings.Join(slices.Collect(maps.Values(e.Request.Headers)), "")
	for _, name := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
		if r.Values[name[1]] == "" {
			return name[0] + " is not known"
		}
	}
	isScript := e.World != nil // else it is of the short script, which changes nothing
	switch {
	case !isScript:
		return ""
	case r.Cluster == nil && (e.Mutates || !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, e.Request.Method)):
		return "it may change something"
	case r.Cluster != nil && (!slices.Equal(e.World.Flags, r.Flags) || e.World.RootPath != r.RootPath):
		return "argocd-server was started with other flags"
	}
	return ""
}

func (r Recorder) send(ctx context.Context, q Request) Response {
	scheme := cmp.Or(q.Scheme, r.Scheme)
	c, err := r.Dial(ctx, scheme)
	if err != nil {
		return Response{Error: "no connection"}
	}
	fill := func(text string) string {
		for name, value := range r.Values {
			text = strings.ReplaceAll(text, "${"+name+"}", value)
		}
		return text
	}
	for name, value := range r.Values { // in the body they are strings of JSON
		q.Body = strings.ReplaceAll(q.Body, "${"+name+"}", quoted(value))
	}
	q.Path, q.Host = fill(q.Path), cmp.Or(q.Host, r.Host)
	q.Headers = maps.Clone(q.Headers)
	for name, value := range q.Headers {
		q.Headers[name] = fill(value)
	}
	got, err := q.Send(c)
	if err != nil {
		return Response{Error: "connection closed by the server without an answer"}
	}
	var session signedIn
	if strings.HasSuffix(q.Path, "/api/v1/session") && json.Unmarshal([]byte(got.Body), &session) == nil && session.Token != "" {
		r.Values["SESSION"] = session.Token
	}
	return got
}

// withoutValues takes the values out of an answer, and the signatures of all tokens.
func (r Recorder) withoutValues(e Exchange) Exchange {
	clean := func(text string) string {
		for _, name := range slices.Sorted(maps.Keys(r.Values)) {
			if value := r.Values[name]; value != "" && name != "ACCOUNT" && name != "USERNAME" {
				text = strings.NewReplacer(value, "${"+name+"}", quoted(value), "${"+name+"}").Replace(text)
			}
		}
		return regexp.MustCompile(`(eyJ[\w-]+\.eyJ[\w-]+)\.[\w-]+`).ReplaceAllString(text, "$1.removed")
	}
	e.Response.Body = clean(e.Response.Body)
	e.Response.Headers = maps.Clone(e.Response.Headers)
	for name, value := range e.Response.Headers {
		if text, ok := value.(string); ok {
			e.Response.Headers[name] = clean(text)
		}
	}
	return e
}

// quoted is a value inside the quotes of JSON.
func quoted(value string) string {
	text, _ := json.Marshal(value) // a string: nothing can be wrong with it
	return string(text[1 : len(text)-1])
}

// issued is when a token in an answer was made, else now: what the recording says of
// time to the second.
func issued(r Response, now time.Time) time.Time {
	text := r.Body
	if renewed, ok := r.Headers["Grpc-Metadata-Renew-Token"].(string); ok {
		text = renewed
	}
	var claims struct{ Iat int64 }
	if found := regexp.MustCompile(`eyJ[\w-]+\.(eyJ[\w-]+)\.`).FindStringSubmatch(text); found != nil {
		if plain, err := base64.RawURLEncoding.DecodeString(found[1]); err == nil && json.Unmarshal(plain, &claims) == nil && claims.Iat != 0 {
			now = time.Unix(claims.Iat, 0)
		}
	}
	return now.UTC().Truncate(time.Second)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for Argo CD to notice: %w", ctx.Err())
	}
}
