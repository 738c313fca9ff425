//go:build cluster

package consumer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Outdated is a workload with a pod that has read a Secret before it was changed, and not
// since.
type Outdated struct {
	Workload
	Pod Pod // one of its pods that have
	// Changed is when what is in the Secret came into it. Where IsIssue is set, that is when the
	// API key in it was issued: who has read the Secret before cannot have this one. Else it is
	// when whoever has set the value last changed anything that they set, so that the pod may
	// have it all the same.
	Changed time.Time
	IsIssue bool
}

// String says so in one line.
func (o Outdated) String() string {
	read, changed := o.Pod.Read.UTC().Format(time.RFC3339), o.Changed.UTC().Format(time.RFC3339)
	text := fmt.Sprintf("pod %q of %s %q read key %q of Secret %q when it started at %s", o.Pod.Name, o.Kind, o.Name, o.Key, o.Secret, read)
	if o.IsIssue {
		return fmt.Sprintf("%s, before the API key in it was issued at %s: it still uses an older one", text, changed)
	}
	return fmt.Sprintf("%s, and the Secret was changed at %s: it probably still uses the old credential", text, changed)
}

// OutdatedOf returns those of the workloads that read a Secret. By the clocks of the nodes,
// of the API server and of Argo CD.
func OutdatedOf(all []Workload, s *corev1.Secret) (found []Outdated) {
	for _, w := range all {
		issued, changed := issued(s, w.Key), changed(s, w.Key)
		if issued.IsZero() && changed.IsZero() {
			changed = s.CreationTimestamp.Time
		}
		if !changed.IsZero() && issued.After(changed) { // somebody has made it up
			issued = time.Time{}
		}
		i := slices.IndexFunc(w.Pods, func(p Pod) bool { return !p.Read.IsZero() && (p.Read.Before(issued) || p.Read.Before(changed)) })
		if i < 0 {
			continue
		}
		o := Outdated{Workload: w, Pod: w.Pods[i], Changed: changed}
		if o.Pod.Read.Before(issued) {
			o.Changed, o.IsIssue = issued, true
		}
		found = append(found, o)
	}
	return found
}

func issued(s *corev1.Secret, key string) time.Time {
	k, _ := apiKey(s.Data[key]) // zero where it is none
	return k.IssuedAt
}

// changed takes the time from metadata.managedFields, where the API server notes who has
// set which field, and when each of them changed any of theirs for the last time
// (kubernetes.io/docs/reference/using-api/server-side-apply). Zero where nobody has.
func changed(s *corev1.Secret, key string) (at time.Time) {
	for _, m := range s.ManagedFields {
		var fields map[string]map[string]any
		if m.Time == nil || m.FieldsV1 == nil || json.Unmarshal(m.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		_, data := fields["f:data"]["f:"+key]
		_, text := fields["f:stringData"]["f:"+key]
		if (data || text) && m.Time.After(at) {
			at = m.Time.Time
		}
	}
	return at
}
