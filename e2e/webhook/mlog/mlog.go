// Package mlog stands in for the logging library of the webhook, which the Go proxy does not always serve.
// It has the names that the webhook uses and writes to stderr through log/slog; nothing the webhook decides
// passes through it.
package mlog

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-logr/logr"
)

type (
	LogLevel  string
	LogFormat string
	LogSpec   struct {
		Level  LogLevel
		Format LogFormat
	}
)

const (
	LevelWarning LogLevel  = ""
	LevelInfo    LogLevel  = "info"
	LevelDebug   LogLevel  = "debug"
	LevelTrace   LogLevel  = "trace"
	LevelAll     LogLevel  = "all"
	FormatJSON   LogFormat = "json"
)

var levels = map[LogLevel]slog.Level{
	LevelWarning: slog.LevelWarn,
	LevelInfo:    slog.LevelInfo,
	LevelDebug:   slog.LevelDebug,
	LevelTrace:   slog.LevelDebug - 4,
	LevelAll:     slog.LevelDebug - 8,
}

var (
	threshold slog.LevelVar
	handler   = slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: &threshold})
)

type Logger struct{ inner *slog.Logger }

func New() Logger { return Logger{slog.New(handler)} }

func (l Logger) WithName(name string) Logger { return l.WithValues("logger", name) }

func (l Logger) WithValues(pairs ...any) Logger { return Logger{l.inner.With(pairs...)} }

func (l Logger) Info(text string, pairs ...any) { l.inner.Info(text, pairs...) }

func (l Logger) Debug(text string, pairs ...any) { l.inner.Debug(text, pairs...) }

func (l Logger) Error(text string, err error, pairs ...any) {
	l.inner.With("error", err).Error(text, pairs...)
}

func Logr() logr.Logger { return logr.FromSlogHandler(handler) }

func Enabled(level LogLevel) bool { return threshold.Level() <= levels[level] }

func Setup() func() { return func() {} }

func ValidateAndSetLogLevelAndFormatGlobally(_ context.Context, spec LogSpec) error {
	level, known := levels[spec.Level]
	if !known {
		return fmt.Errorf("unknown level %q", spec.Level)
	}
	threshold.Set(level)
	return nil
}

func Fatal(err error) {
	New().Error("fatal", err)
	os.Exit(1)
}
