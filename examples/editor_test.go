package examples

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// yamlSettings are an editor's settings for the language server. The schema store is
// somewhere else on the net, and has nothing to say here.
func yamlSettings() map[string]any {
	return map[string]any{
		"validate": true, "hover": true, "completion": true,
		"schemaStore": map[string]any{"enable": false},
	}
}

// TestEditor has one language server for all that an editor asks it, as an editor has. Each
// of its tests opens files of names of its own.
func TestEditor(t *testing.T) {
	t.Parallel()
	s := startLanguageServer(t, absolute(t, "editor"), yamlSettings())
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s *languageServer)
	}{
		{"good", editorGood}, {"broken", editorBroken}, {"hover", editorHover},
		{"completion", editorCompletion}, {"snippet", editorSnippet}, {"quick fix", editorQuickFix},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			test.run(t, s)
		})
	}
}

// The schema has nothing against a whole values file without mistakes.
func editorGood(t *testing.T, s *languageServer) {
	path := absolute(t, "editor", "values.yaml")
	if marked := s.open(path, read(t, path)); len(marked) > 0 {
		t.Errorf("marked: %+v", marked)
	}
}

// Every mistake is marked in its own line, with the message that the comment there
// says, and nothing else is.
func editorBroken(t *testing.T, s *languageServer) {
	path := absolute(t, "editor", "broken.yaml")
	text := read(t, path)
	checkMarked(t, text, s.open(path, text))
}

func checkMarked(t *testing.T, text string, marked []diagnostic) {
	t.Helper()
	slices.SortFunc(marked, func(a, b diagnostic) int { return cmp.Compare(a.Range.Start.Line, b.Range.Start.Line) })
	var want, got []string
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if yaml, message, ok := strings.Cut(line, " # "); ok && strings.TrimSpace(yaml) != "" {
			want = append(want, fmt.Sprintf("%d: %s", i+1, message))
		}
	}
	for _, d := range marked {
		message, _, _ := strings.Cut(d.Message, ` "^`) // a pattern is long
		got = append(got, fmt.Sprintf("%d: %s", d.Range.Start.Line+1, message))
		if !strings.HasPrefix(d.Source, "yaml-schema: ") {
			t.Errorf("%q comes from %q", d.Message, d.Source)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// VS Code's settings lead to the same marks in a file without a modeline.
func TestEditorSettings(t *testing.T) {
	t.Parallel()
	var given struct {
		Schemas map[string]any `json:"yaml.schemas"`
	}
	if err := json.Unmarshal([]byte(read(t, "editor/settings.json")), &given); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "auth.schema.json"), printedSchema(t))
	settings := yamlSettings()
	settings["schemas"] = given.Schemas
	s := startLanguageServer(t, folder, settings)
	text := strings.Replace(read(t, "editor/broken.yaml"), "yaml-language-server", "once a modeline", 1)
	for _, name := range []string{"values.yaml", "values-prod.yml", "envs/prod.values.yaml"} {
		checkMarked(t, text, s.open(filepath.Join(folder, name), text))
	}
	if marked := s.open(filepath.Join(folder, "Chart.yaml"), text); len(marked) > 0 {
		t.Errorf("marked in a file that holds no values: %+v", marked)
	}
}

// described is what the schema says about one key.
type described struct{ key, title, description string }

// fields returns what the schema says about each field of the block and of its references.
func fields(t testing.TB) []described {
	t.Helper()
	type property struct {
		Title, Description, Ref string
		Properties              map[string]json.RawMessage
	}
	var parsed struct {
		Defs map[string]struct {
			property
			Properties map[string]property
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(read(t, "../schema/auth.schema.json")), &parsed); err != nil {
		t.Fatal(err)
	}
	auth := parsed.Defs["auth"]
	all := []described{{"auth", auth.Title, auth.Description}}
	for key, p := range auth.Properties {
		all = append(all, described{key, p.Title, p.Description})
	}
	for _, key := range []string{"name", "key", "optional"} {
		all = append(all, described{key, parsed.Defs[key].Title, parsed.Defs[key].Description})
	}
	if len(all) < 11 {
		t.Fatalf("%d fields in the schema", len(all))
	}
	return all
}

// Hovering over a field shows its title, what it is for, and an example.
func editorHover(t *testing.T, s *languageServer) {
	path := absolute(t, "editor", "hover.yaml")
	text := strings.Replace(read(t, "editor/values.yaml"), "usernameSecretKeyRef: {}", "usernameSecretKeyRef: {name: a, key: b}", 1)
	s.open(path, text)
	for _, f := range fields(t) {
		var hover struct{ Contents struct{ Value string } }
		s.ask("textDocument/hover", at(path, keyInBlock(t, text, f.key)), &hover)
		shown := strings.ReplaceAll(hover.Contents.Value, `\`, "") // Markdown's escapes
		for _, piece := range []string{"#### " + f.title + "\n", "\n" + f.description + "\n", "\nExample:\n"} {
			if f.title == "" || f.description == "" || !strings.Contains(shown, piece) {
				t.Errorf("%s: no %q in:\n%s", f.key, piece, shown)
			}
		}
	}
}

// keyInBlock returns where a key begins in the auth block, or that of the block itself.
func keyInBlock(t *testing.T, text, key string) position {
	t.Helper()
	inside := false
	for i, line := range strings.Split(text, "\n") {
		word := strings.TrimLeft(line, " ")
		inside = inside || word == "auth:"
		if inside && strings.HasPrefix(word, key+":") {
			return position{Line: i, Character: len(line) - len(word)}
		}
	}
	t.Fatalf("there is no %s in the block", key)
	return position{}
}

// end is the position at the end of a text.
func end(text string) position {
	return position{Line: strings.Count(text, "\n"), Character: len(text) - strings.LastIndex(text, "\n") - 1}
}

// proposal is one item of a completion.
type proposal struct {
	Label, InsertText string
	Documentation     any // a string, or Markdown
}

// complete returns what is proposed where the text of a new file has an @.
func complete(t *testing.T, s *languageServer, name, text string) []proposal {
	t.Helper()
	path := absolute(t, "editor", name+".yaml")
	text = "# yaml-language-server: $schema=../../schema/auth.schema.json\n" + text
	before, after, _ := strings.Cut(text, "@")
	s.open(path, before+after)
	var list struct{ Items []proposal }
	s.ask("textDocument/completion", at(path, end(before)), &list)
	return list.Items
}

func labels(proposals []proposal) []string {
	var all []string
	for _, p := range proposals {
		all = append(all, p.Label)
	}
	slices.Sort(all)
	return all
}

func editorCompletion(t *testing.T, s *languageServer) {
	const block = "global:\n  external-argo-cd:\n    auth:\n      "
	tests := []struct {
		name, text string
		want       []string
		described  bool
	}{
		{"both generations, and no misspelling", "global:\n  @\n", []string{"external-argo-cd", "integrations"}, true},
		{"fields", block + "@\n", []string{
			"password", "passwordSecretKeyRef", "token", "tokenSecretKeyRef", "type", "username", "usernameSecretKeyRef",
		}, true},
		{"what type can be", block + "type: @\n", []string{"password", "token"}, true},
		{"what type can be, once begun", block + "type: t@\n", []string{"password", "token"}, true},
		{"reference", block + "tokenSecretKeyRef:\n        @\n", []string{"key", "name", "optional"}, true},
		{"default of username", block + "username: @\n", []string{"admin"}, false},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			proposals := complete(t, s, fmt.Sprint("completion", i), test.text)
			if diff := gocmp.Diff(test.want, labels(proposals)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, p := range proposals {
				if text, ok := p.Documentation.(string); test.described && (!ok || text == "") {
					t.Errorf("%s is not described: %v", p.Label, p.Documentation)
				}
			}
		})
	}
}

// A reference is inserted with both of its fields.
func editorSnippet(t *testing.T, s *languageServer) {
	const block = "global:\n  integrations:\n    argo-cd:\n      server:\n        auth:\n          @\n"
	references := 0
	for _, p := range complete(t, s, "snippet", block) {
		if !strings.HasSuffix(p.Label, "SecretKeyRef") {
			continue
		}
		references++
		for _, field := range []string{"name", "key"} {
			if !strings.Contains(p.InsertText, field+"}: ${") {
				t.Errorf("%s is inserted without its %s: %q", p.Label, field, p.InsertText)
			}
		}
	}
	if references != 3 {
		t.Errorf("%d references are proposed, not 3", references)
	}
}

// The editor offers to mend the misspelling of the vendor's documentation.
func editorQuickFix(t *testing.T, s *languageServer) {
	path := absolute(t, "editor", "fix.yaml")
	marked := s.open(path, read(t, "editor/broken.yaml"))
	i := slices.IndexFunc(marked, func(d diagnostic) bool { return strings.Contains(d.Message, "external-argo-cd") })
	if i < 0 {
		t.Fatalf("the misspelling is not marked: %+v", marked)
	}
	params := at(path, marked[i].Range.Start)
	params["range"] = marked[i].Range
	params["context"] = map[string]any{"diagnostics": marked[i : i+1]}
	var actions []struct {
		Edit struct {
			Changes map[string][]struct {
				Range   span
				NewText string
			}
		}
	}
	s.ask("textDocument/codeAction", params, &actions)
	for _, a := range actions {
		for _, edit := range a.Edit.Changes[uri(path)] {
			if edit.NewText == "external-argo-cd" && edit.Range == marked[i].Range {
				return
			}
		}
	}
	t.Errorf("no fix among %+v", actions)
}
