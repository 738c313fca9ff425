package fleet

import "fmt"

// Count returns "1 Runtime", "2 Runtimes" for what "Runtime".
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
