package schema_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// TestEveryRuleHasCases fails for a rule without a case in which it reports
// something, without one in which it does not, or without its section in the
// documentation; and for a finding of a rule that is none.
func TestEveryRuleHasCases(t *testing.T) {
	failing, passing := map[string]bool{}, map[string]bool{}
	ids := ruleIDs()
	for _, dir := range []string{"rules", "accounts"} {
		files, _ := filepath.Glob("testdata/" + dir + "/*.txtar")
		for _, name := range files {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := string(archive.Files[len(archive.Files)-1].Data)
			rule := ruleOf(filepath.Base(name), ids)
			if strings.Contains(want, "["+rule+"]") {
				failing[rule] = true
			} else {
				passing[rule] = true
			}
			for _, found := range rulesIn(want) {
				if !slices.Contains(ids, found) {
					t.Errorf("%s: a finding of rule %q, which is not among Rules", name, found)
				}
			}
		}
	}
	docs, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if !failing[id] {
			t.Errorf("rule %s: no case in testdata in which it reports something", id)
		}
		if !passing[id] {
			t.Errorf("rule %s: no case in testdata in which it reports nothing", id)
		}
		if !strings.Contains(string(docs), "\n## "+id+"\n") {
			t.Errorf("rule %s: no section in docs/rules.md", id)
		}
	}
}

func TestRulesAreDescribed(t *testing.T) {
	for _, r := range schema.Rules() {
		if r.Severity == 0 || !strings.HasSuffix(r.Summary, ".") || !strings.HasSuffix(r.Help, ".") {
			t.Errorf("rule %s: %+v", r.ID, r)
		}
	}
	ids := ruleIDs()
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(schema.Rules()) {
		t.Error("two rules have the same name")
	}
}

func ruleIDs() []string {
	var ids []string
	for _, r := range schema.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

// ruleOf returns the rule that a case is named after, "" if none.
func ruleOf(file string, ids []string) string {
	for _, id := range ids {
		if strings.HasPrefix(file, id+"-") {
			return id
		}
	}
	return ""
}

// rulesIn returns the rules of the findings that a case expects.
func rulesIn(want string) []string {
	var rules []string
	for line := range strings.Lines(want) {
		_, rest, isFinding := strings.Cut(line, " [")
		rule, _, ok := strings.Cut(rest, "] ")
		if isFinding && ok && line[0] >= '0' && line[0] <= '9' {
			rules = append(rules, rule)
		}
	}
	return rules
}
