package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// What values declare, and what findings are made of: the names of the packages that this
// one is the front of.
type (
	Auth            = auth.Auth
	ChartVersion    = auth.ChartVersion
	Mode            = auth.Mode
	Secret          = auth.Secret
	SecretRef       = auth.SecretRef
	Settings        = auth.Settings
	ArgoCDConfig    = argocd.Config
	ArgoCDFileError = argocd.FileError
	Masks           = mask.Masks
	Piece           = mask.Piece
	Rule            = rule.Rule
)

// See the package auth.
const (
	ModeToken          = auth.ModeToken
	ModePassword       = auth.ModePassword
	OldBlockPath       = auth.OldBlockPath
	NewBlockPath       = auth.NewBlockPath
	ChartName          = auth.ChartName
	DefaultUsername    = auth.DefaultUsername
	TokenSecretName    = auth.TokenSecretName
	PasswordSecretName = auth.PasswordSecretName
	PlaintextSecretKey = auth.PlaintextSecretKey
	AppProxySecretName = auth.AppProxySecretName
	AppProxySecretKey  = auth.AppProxySecretKey
	RuntimeSecretName  = auth.RuntimeSecretName
	Content            = rule.Content
	Account            = rule.Account
	Absence            = rule.Absence
)

// See the package auth.
func NewSecret(s string) Secret                                   { return auth.NewSecret(s) }
func DefaultAuth() Auth                                           { return auth.Default() }
func DefaultPasswordRef() SecretRef                               { return auth.DefaultPasswordRef() }
func ParseChartVersion(s string) (ChartVersion, error)            { return auth.ParseChartVersion(s) }
func ParseArgoCD(name string, data []byte) (*ArgoCDConfig, error) { return argocd.Parse(name, data) }
func ClassOf(id string) rule.Class                                { return RuleOf(id).Class }
