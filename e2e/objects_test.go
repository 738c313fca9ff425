//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// objects lists what is in the namespace but for Helm's records, as "kind/name".
func (c *cluster) objects(t testing.TB) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(c.versions(t)))
}

// versions maps every object in the namespace, of every kind that the server knows,
// to what changes whenever the object does.
func (c *cluster) versions(t testing.TB) map[string]string {
	t.Helper()
	kinds, err := c.client.Discovery().ServerPreferredNamespacedResources()
	must(t, err)
	config := *c.config
	config.WarningHandler = rest.NoWarnings{} // old kinds are asked for too
	client, err := metadata.NewForConfig(&config)
	must(t, err)
	all := map[string]string{}
	for _, group := range kinds {
		version, err := schema.ParseGroupVersion(group.GroupVersion)
		must(t, err)
		for _, kind := range group.APIResources {
			// An event is about an object, and outlives it.
			if kind.Kind == "Event" || !slices.Contains(kind.Verbs, "list") {
				continue
			}
			list, err := client.Resource(version.WithResource(kind.Name)).Namespace(c.namespace).List(t.Context(), metav1.ListOptions{})
			must(t, err)
			for _, o := range list.Items {
				if o.Labels["owner"] != "helm" {
					all[kind.Kind+"/"+o.Name] = fmt.Sprintf("%s at %s, generation %d", o.UID, o.ResourceVersion, o.Generation)
				}
			}
		}
	}
	return all
}

// records returns Helm's records of the namespace, decoded.
func (c *cluster) records(t testing.TB) string {
	t.Helper()
	list, err := c.client.CoreV1().Secrets(c.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	must(t, err)
	var all strings.Builder
	for _, s := range list.Items {
		packed, err := base64.StdEncoding.DecodeString(string(s.Data["release"]))
		must(t, err)
		z, err := gzip.NewReader(bytes.NewReader(packed))
		must(t, err)
		text, err := io.ReadAll(z)
		must(t, err)
		all.Write(text)
	}
	return all.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
