package argocdtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// code is a code of gRPC, from which the gateway makes the status of HTTP.
type code int

const (
	codeUnknown         code = 2
	codeInvalid         code = 3
	codeNotFound        code = 5
	codeDenied          code = 7
	codeUnauthenticated code = 16
)

// status is that of the gateway (grpc-gateway 1.16, runtime/errors.go).
func (c code) status() int {
	switch c {
	case codeInvalid:
		return http.StatusBadRequest
	case codeNotFound:
		return http.StatusNotFound
	case codeDenied:
		return http.StatusForbidden
	case codeUnauthenticated:
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

func (c code) name() string {
	switch c {
	case codeInvalid:
		return "InvalidArgument"
	case codeNotFound:
		return "NotFound"
	case codeDenied:
		return "PermissionDenied"
	case codeUnauthenticated:
		return "Unauthenticated"
	}
	return "Unknown"
}

// refusal is an error with a code. Argo CD answers with the innermost one's words,
// whatever it was wrapped in (util/grpc/errors.go); an error without a code is
// answered in whole.
type refusal struct {
	code    code
	message string
}

func refuse(c code, format string, args ...any) *refusal {
	return &refusal{code: c, message: fmt.Sprintf(format, args...)}
}

// Error is how gRPC writes it, which shows where it is quoted.
func (r *refusal) Error() string {
	return fmt.Sprintf("rpc error: code = %s desc = %s", r.code.name(), r.message)
}

// decode reads the body of a request; none at all counts as an empty one.
func decode(r *http.Request, into any) error {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil && err != io.EOF {
		return refuse(codeInvalid, "%v", err)
	}
	return nil
}

// reply answers as the gateway does.
func reply(w http.ResponseWriter, body any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		c, message := codeUnknown, err.Error()
		var r *refusal
		if errors.As(err, &r) {
			c, message = r.code, r.message
		}
		w.WriteHeader(c.status())
		body = map[string]any{"error": message, "code": int(c), "message": message}
	}
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
