// Package verdict holds what a check of package preflight returns.
package verdict

// Status is how a check ended.
type Status string

// The states. Skipped says that nothing is known: what a check needs is missing, is
// forbidden by RBAC, or was not asked for.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is what one check found. A check that found several things to be wrong has
// a Result for each, next to one another.
type Result struct {
	ID     string `json:"id"`
	Status Status `json:"status"`
	// Seen is what was found, or why the check was skipped: lower case, no full stop,
	// one line.
	Seen string `json:"seen"`
	// Advice is what to do about it, "" where there is nothing to do.
	Advice string `json:"advice,omitempty"`
}
