package render_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// A service that reads another Secret than the values declare is wired anew; only
// the lines that were wrong change.
func ExampleRun() {
	settings := &auth.Settings{Declared: true, Auth: auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "argocd-ci", Key: "token"}}}
	manifests := `---
# Source: gitops-runtime/templates/argo-gateway/deployment.yaml
kind: Deployment
metadata: {name: argo-gateway}
spec:
  template:
    spec:
      containers:
      - name: argo-gateway
        image: argo-gateway:1
        env:
        - name: ARGO_CD_TOKEN_SECRET_KEY
          value: "token" # in both modes
        - name: ARGO_CD_TOKEN_SECRET_NAME
          value: "argocd-token"
`
	report, err := render.Run(context.Background(), settings, strings.NewReader(manifests), os.Stdout,
		render.Options{AllowMissing: render.Services()})
	if err != nil {
		fmt.Println(err)
	}
	for _, e := range report.Services[0].Env {
		fmt.Println(e.Name, e.State)
	}
	// Output:
	// ---
	// # Source: gitops-runtime/templates/argo-gateway/deployment.yaml
	// kind: Deployment
	// metadata: {name: argo-gateway}
	// spec:
	//   template:
	//     spec:
	//       containers:
	//       - name: argo-gateway
	//         image: argo-gateway:1
	//         env:
	//         - name: ARGO_CD_TOKEN_SECRET_KEY
	//           value: "token" # in both modes
	//         - name: ARGO_CD_TOKEN_SECRET_NAME
	//           value: "argocd-ci"
	// ARGO_CD_TOKEN_SECRET_KEY already-right
	// ARGO_CD_TOKEN_SECRET_NAME replaced
}
