package schema_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// TestCasesAreOfRules fails for a case with a finding of a rule that is none. That every
// rule has an example that fails and one that passes, the test of docs/rules.md holds.
func TestCasesAreOfRules(t *testing.T) {
	ids := ruleIDs()
	for _, dir := range []string{"rules", "accounts"} {
		files, _ := filepath.Glob("testdata/" + dir + "/*.txtar")
		for _, name := range files {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range rulesIn(string(archive.Files[len(archive.Files)-1].Data)) {
				if !slices.Contains(ids, found) {
					t.Errorf("%s: a finding of rule %q, which is not among Rules", name, found)
				}
			}
		}
	}
}

func TestRulesAreDescribed(t *testing.T) {
	for _, r := range schema.Rules() {
		if doc := r.Doc; r.Severity == 0 || !strings.HasSuffix(doc.Summary, ".") || !strings.HasSuffix(doc.Help, ".") || doc.Text == "" {
			t.Errorf("rule %s: %+v", r.ID, doc)
		}
	}
	ids := ruleIDs()
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(schema.Rules()) {
		t.Error("two rules have the same name")
	}
}

// TestRulesComeAfter holds that a rule is silent beside rules that have run already.
func TestRulesComeAfter(t *testing.T) {
	ids := ruleIDs()
	for i, r := range schema.Rules() {
		for _, id := range r.After {
			if at := slices.Index(ids, id); id != rule.AnyError && (at < 0 || at >= i) {
				t.Errorf("rule %s: after %q, which is not before it", r.ID, id)
			}
		}
	}
}

func ruleIDs() []string {
	var ids []string
	for _, r := range schema.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
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
