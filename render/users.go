package render

import (
	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/tree"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// users are the ConfigMaps of the stream from which app-proxy may take a username.
type users struct {
	wanted map[string]bool // the names of those that services ask for
	text   map[configKey]string
}

// configKey is a key of a ConfigMap.
type configKey struct{ namespace, name, key string }

// want notes the ConfigMap that a container takes its username from.
func (u *users) want(w workload) {
	if v := envedit.Vars(w.container)[envUsername]; v.Origin == envedit.ConfigMapKey {
		u.wanted[v.Ref.Name] = true
	}
}

// learn notes the keys of a ConfigMap. Those that a merge key pulls in are not
// seen: what they hold counts as missing.
func (u *users) learn(o object) {
	data := tree.Get(o.node, "data")
	if o.kind != "ConfigMap" || o.isHook() || data == nil {
		return
	}
	for i := 0; i+1 < len(data.Content); i += 2 {
		key, isKey := tree.Text(data.Content[i])
		if !isKey {
			continue
		}
		at := configKey{o.namespace, o.name, key}
		delete(u.text, at) // the last one wins, also if it is no text
		if text, isText := tree.Text(data.Content[i+1]); isText {
			u.text[at] = text
		}
	}
}

// holds reports whether the ConfigMap that a container of the namespace sees holds
// the text. A namespace that is not given is the release's, which may be any.
func (u *users) holds(namespace string, ref schema.SecretRef, text string) bool {
	if held, found := u.text[configKey{namespace, ref.Name, ref.Key}]; found {
		return held == text
	}
	found := false
	for k, held := range u.text {
		if k.name != ref.Name || k.key != ref.Key || k.namespace != "" && namespace != "" {
			continue
		}
		if held != text {
			return false
		}
		found = true
	}
	return found
}

// needsUsers reports whether it matters what ConfigMaps hold.
func (e *engine) needsUsers() bool {
	return e.settings.Auth.Mode == schema.ModePassword && e.settings.Auth.UsernameRef == nil
}

// learnUser notes what a document tells about usernames, before any service has
// said which ConfigMap it asks for: any that may hold the username.
func (e *engine) learnUser(m *manifest) {
	if e.needsUsers() && !m.doc.IsEmpty() && mayHoldUsername(&m.doc, e.settings.Auth.Username) {
		e.learnUsersOf(m)
	}
}

// learnHeldUsers notes what the documents that are held back tell about the
// ConfigMaps that services ask for.
func (e *engine) learnHeldUsers() {
	names := make([]string, 0, len(e.facts.users.wanted))
	for name := range e.facts.users.wanted {
		names = append(names, name)
	}
	if !e.needsUsers() || len(names) == 0 {
		return
	}
	for doc := range e.held.documents {
		if hasScalar(doc, "ConfigMap") && has(doc, names...) {
			e.learnUsersOf(&manifest{doc: *doc})
		}
	}
}

// learnUsersOf parses a document, if that was not done. One that does not parse
// holds no ConfigMap that the API server could read.
func (e *engine) learnUsersOf(m *manifest) {
	objects := m.objects
	if m.tree == nil {
		parsed := manifest{doc: m.doc}
		if parsed.parse() != nil {
			return
		}
		objects = parsed.objects
	}
	for _, o := range objects {
		e.facts.users.learn(o)
	}
}
