// The connection to the program, on this machine.

const again = 1000;

/** The program ends a connection with this where as many pages look on as may. */
const full = 4503;

export class Link {
  #socket = null;
  #take;
  #changed;

  /**
   * @param take is given each message.
   * @param changed is told whether it is connected, and whether it is not since there are too many pages.
   */
  constructor(take, changed) {
    this.#take = take;
    this.#changed = changed;
    this.#connect();
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #connect() {
    const address = new URL('socket', location.href);
    address.protocol = 'ws:';
    const socket = this.#socket = new WebSocket(address);
    // Who is refused is connected for a moment, too, but told nothing.
    socket.addEventListener('message', () => this.#changed(true, false), { once: true });
    socket.addEventListener('message', event => this.#take(JSON.parse(event.data)));
    socket.addEventListener('close', event => {
      this.#changed(false, event.code === full);
      setTimeout(() => this.#connect(), again);
    });
  }
}
