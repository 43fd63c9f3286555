// The tests that `client-suites.mjs` does not run, with the reason: only those that no STOMP server
// can pass or fail, and those of another vendor's extensions. A name covers all tests whose name begins with it.

const NO_TLS =
  'TLS on the STOMP port, with the certificates of its container: here a proxy has both';

export const LEFT_OUT = {
  stompjs: {},
  'stomp.py': {
    'tests/test_basic.py::TestBasic::test_timeout':
      'no server takes part: an address must not answer for 5 s, and networks differ in that',
    'tests/test_cli_ssl.py': NO_TLS,
    'tests/test_ssl.py::TestSSL::': NO_TLS,
    'tests/test_ssl_sni.py': NO_TLS,
    'tests/test_threading.py':
      'does nothing as it comes; if told to run, the client refuses its listener before it connects',
  },
};

/** Why a test is left out, or null if it is to run. */
export function whyLeftOut(suite, test) {
  const name = Object.keys(LEFT_OUT[suite]).find((start) => test.startsWith(start));
  return name === undefined ? null : LEFT_OUT[suite][name];
}
