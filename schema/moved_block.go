package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleMovedBlock = "moved-block"

func movedBlockRule() Rule {
	return Rule{
		ID: ruleMovedBlock, Severity: diag.Error, Fixable: true,
		Summary: "The block stands where another generation of the chart reads it.",
		Help:    "Charts 0.18 to 0.25 read global.external-argo-cd.auth, charts from 0.26 on global.integrations.argo-cd.server.auth. Reported only where the chart version is known.",
	}
}

// moved reports a block where the given chart does not read it.
func (r *run) moved(b block) {
	v := r.opts.ChartVersion
	if v == nil {
		return
	}
	isOld := b.path[1] == externalArgoCD
	at, path := keySpan(b.value), b.where()
	switch {
	case v.Less(0, 18, 0):
		r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s has no such block: it came with 0.18.0", v), "upgrade the chart")
	case isOld && !v.Less(0, 26, 0):
		d := r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s ignores this block: since 0.26.0 it is %s", v, NewBlockPath), "move it there")
		r.mendMoved(d, b, newPath())
	case !isOld && v.Less(0, 26, 0):
		d := r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s ignores this block: before 0.26.0 it is %s", v, OldBlockPath), "move it there")
		r.mendMoved(d, b, oldPath())
	}
}

// mendMoved takes the block to where the chart reads it, if there is none yet.
func (r *run) mendMoved(d *diag.Diagnostic, b block, path []string) {
	if other := r.otherBlock(b.path); other != "" {
		d.Hint = "keep that of the two which is meant, at the place that the chart reads"
		mend(d, nil, fmt.Sprintf("there is a block at %s already", other))
		return
	}
	if isRepeated(r.whole.Root) {
		mend(d, nil, "the values of other charts in this file repeat the block")
		return
	}
	if b.value.Kind != values.Map {
		return // what it is comes first, and has its own error
	}
	edits, why := r.move(b, path)
	mend(d, edits, why)
}
