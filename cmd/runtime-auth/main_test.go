package main

import "testing"

func TestCalled(t *testing.T) {
	for path, want := range map[string]string{
		"runtime-auth":                            "runtime-auth",
		"/a b/runtime-auth-post-renderer":         "runtime-auth-post-renderer",
		"./runtime-auth-fn":                       "runtime-auth-fn",
		"runtime-auth-fn.exe":                     "runtime-auth-fn",
		"bin/Runtime-Auth-Post-Renderer.EXE":      "runtime-auth-post-renderer",
		"runtime-auth-post-renderer/runtime-auth": "runtime-auth",
		"": ".",
	} {
		if got := called(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}
