/**
 * Reads what a SockJS server says (SockJS protocol 0.3.3, "Protocol and framing").
 *
 * @param {import('./websocket-line.mjs').LineEvents} events
 * @param {() => void} onClose the server said that it is over
 * @returns {(envelope: string) => void}
 */
export function envelopeReader(events, onClose) {
  let isOpen = false;
  return (envelope) => {
    const kind = envelope[0];
    if (kind === 'o' && !isOpen) isOpen = true;
    else if (kind === 'c') onClose();
    else if (!isOpen) events.wrong(`SockJS says ${envelope.slice(0, 20)} before it opens`);
    else if (kind === 'a') {
      for (const text of JSON.parse(envelope.slice(1))) events.said(Buffer.from(text));
    } else if (kind !== 'h') events.wrong(`SockJS says ${envelope.slice(0, 20)}`);
  };
}
