//go:build cluster

package consumer

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Way is how a container comes by what is in a Secret.
type Way string

// The ways. A container that takes a Secret into its environment, or mounts one file of it by
// subPath, has what was in it when the container was started; the files of a volume follow
// the Secret within a minute or two (kubernetes.io/docs/concepts/configuration/secret). The
// services of the Runtime that are given the name of the Secret read it themselves, through
// the API.
const (
	Env    Way = "env"
	Volume Way = "volume"
	Itself Way = "api"
)

// Use is one way in which a container reads a Secret.
type Use struct {
	Container string
	Way       Way
	// Once is set where it is read when the container starts, and not again.
	Once bool
}

// The variables by which a service of the Runtime is given a Secret to read itself, in
// every chart from 0.18.0 to 0.30.0.
const (
	nameVariable = "ARGO_CD_TOKEN_SECRET_NAME"
	keyVariable  = "ARGO_CD_TOKEN_SECRET_KEY"
)

// uses returns how the containers of a pod, those that only initialise it too, read a
// key of a Secret. What pulls images is none of them.
func uses(pod *corev1.PodSpec, ref Ref) (found []Use) {
	var volumes []string
	for _, v := range pod.Volumes {
		if isOf(v, ref) {
			volumes = append(volumes, v.Name)
		}
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		if inEnv(c, ref) {
			found = append(found, Use{c.Name, Env, true})
		}
		for _, m := range c.VolumeMounts {
			if slices.Contains(volumes, m.Name) {
				found = append(found, Use{c.Name, Volume, m.SubPath != "" || m.SubPathExpr != ""})
			}
		}
		value := map[string]string{}
		for _, e := range c.Env {
			value[e.Name] = e.Value
		}
		if value[nameVariable] == ref.Secret && value[keyVariable] == ref.Key {
			found = append(found, Use{c.Name, Itself, false})
		}
	}
	return found
}

func inEnv(c corev1.Container, ref Ref) bool {
	return slices.ContainsFunc(c.EnvFrom, func(e corev1.EnvFromSource) bool {
		return e.SecretRef != nil && e.SecretRef.Name == ref.Secret
	}) || slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool {
		from := e.ValueFrom
		return from != nil && from.SecretKeyRef != nil && from.SecretKeyRef.Name == ref.Secret && from.SecretKeyRef.Key == ref.Key
	})
}

// isOf reports whether a volume has the key of the Secret in it. Without items, a volume
// has all keys.
func isOf(v corev1.Volume, ref Ref) bool {
	has := func(items []corev1.KeyToPath) bool {
		return len(items) == 0 || slices.ContainsFunc(items, func(i corev1.KeyToPath) bool { return i.Key == ref.Key })
	}
	switch {
	case v.Secret != nil:
		return v.Secret.SecretName == ref.Secret && has(v.Secret.Items)
	case v.Projected != nil:
		return slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool {
			return s.Secret != nil && s.Secret.Name == ref.Secret && has(s.Secret.Items)
		})
	}
	return false
}
