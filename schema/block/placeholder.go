package block

import "strings"

// PlaceholderForm names the form of placeholder that s has, "" if it has none. The
// forms are those that documents, templates and shells use.
func PlaceholderForm(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case enclosed(s, "<", ">"):
		return "a placeholder in angle brackets"
	case enclosed(s, "{{", "}}"):
		return "a template expression, which Helm does not evaluate in values"
	case IsVariable(s), enclosed(s, "%", "%"), enclosed(s, "__", "__"):
		return "a variable that nothing has replaced"
	case len(s) >= 3 && strings.Trim(s, s[:1]) == "" && strings.ContainsAny(s[:1], "xX*.-_?#"):
		return "a filler"
	case enclosed(s, "[", "]") && isPlaceholderWord(Fold(strings.Trim(s, "[]"))):
		return "what a credential was replaced by when it was printed"
	case s == "…" || isPlaceholderWord(Fold(s)):
		return "a placeholder"
	}
	return ""
}

// enclosed reports whether s stands between the two marks with something in it.
func enclosed(s, open, shut string) bool {
	inner, ok := strings.CutPrefix(s, open)
	inner, ok2 := strings.CutSuffix(inner, shut)
	return ok && ok2 && inner != "" && !strings.ContainsAny(inner, "\n")
}

// IsVariable reports whether s is all a variable or a template expression, which Helm
// replaces in no values: ${NAME}, $(NAME), $NAME or {{ NAME }}.
func IsVariable(s string) bool {
	s = strings.TrimSpace(s)
	if name, ok := strings.CutPrefix(s, "$"); ok && len(name) >= 3 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" {
		return true
	}
	return enclosed(s, "${", "}") || enclosed(s, "$(", ")") || enclosed(s, "{{", "}}")
}

// isPlaceholderWord looks at a text without its case, spaces, dashes and underscores.
func isPlaceholderWord(s string) bool {
	switch s {
	case "changeme", "changeit", "changethis", "replaceme", "replacethis", "fillme", "fillin", "fillmein", "todo", "tbd", "fixme",
		"placeholder", "redacted", "removed", "dummy", "insertme", "none", "null", "undefined":
		return true
	}
	for _, start := range []string{"your", "my", "the", "insert", "enter", "put", "paste", "replacewith", "replace", "addyour"} {
		rest, ok := strings.CutPrefix(s, start)
		rest = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(rest, "your"), "argocd"), "argo")
		rest = strings.TrimPrefix(rest, "api")
		for _, what := range []string{"token", "tokenhere", "tokenvalue", "password", "passwordhere", "passwordvalue", "secret", "secrethere", "apikey", "apikeyhere", "key", "keyhere"} {
			if ok && rest == what {
				return true
			}
		}
	}
	return false
}
