package render

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func shownRef(name, key string) string { return name + "/" + key }

func shownValue(name, text string, auth schema.Auth) string {
	if name == envToken || name == envPassword {
		return redact.Marker
	}
	return fmt.Sprintf("%q", text)
}
