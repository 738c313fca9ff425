package schema

import (
	"fmt"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleBothBlocks = "both-blocks"

func bothBlocksRule() Rule {
	return Rule{
		ID: ruleBothBlocks, Severity: diag.Error, Waits: true,
		Summary: "The blocks of both chart generations are there and declare different credentials.",
		Help:    "Each chart version reads one of them and ignores the other. Keep the one that yours reads.",
	}
}

// choose returns the index of the block in force, and whether it declares a credential.
// Of two blocks the one that says only what the chart's defaults say yields: merged
// values always hold the defaults of the chart's own place. What a credential looks
// like has no part in it.
func (r *run) choose(blocks []block, auths []Auth, broken bool) (inForce int, declares bool) {
	first := r.declares(blocks[0], auths[0])
	if len(blocks) == 1 {
		return 0, first
	}
	if second := r.declares(blocks[1], auths[1]); first != second {
		if second {
			return 1, true
		}
		return 0, true
	}
	return r.chooseOfTwo(blocks, auths, broken), first
}

func (r *run) chooseOfTwo(blocks []block, auths []Auth, broken bool) int {
	first, second := 0, 1
	if r.isLater(blocks[0].value, blocks[1].value) {
		first, second = 1, 0
	}
	switch {
	case broken: // said already; which one would count is moot
	case auths[0].Equal(auths[1]), auths[first].Equal(DefaultAuth()):
	case auths[second].Equal(DefaultAuth()):
		return first
	default:
		d := r.add(diag.Error, ruleBothBlocks, keySpan(blocks[second].value), blocks[second].where(),
			fmt.Sprintf("the values declare two different credentials, here and at %s", shownPath(r.at(blocks[first].where()))),
			"keep the block that your chart version reads: global.external-argo-cd up to 0.25, global.integrations from 0.26 on")
		d.Related = related(keySpan(blocks[first].value), "the other block")
	}
	return second
}

// isLater reports whether a stands behind b in the order in which Helm reads:
// files, then flags, then the place within one source.
func (r *run) isLater(a, b *values.Value) bool {
	x, y := keySpan(a), keySpan(b)
	if x.Source != y.Source {
		sources := r.values.Sources()
		return slices.Index(sources, x.Source) > slices.Index(sources, y.Source)
	}
	return x.Start > y.Start
}
