// Compiled into controller-runtime's package webhook: the webhook has no flag for its port.
package webhook

import (
	"os"
	"strconv"
)

func init() {
	if port, err := strconv.Atoi(os.Getenv("PATLESS_E2E_PORT")); err == nil {
		DefaultPort = port
	}
}
