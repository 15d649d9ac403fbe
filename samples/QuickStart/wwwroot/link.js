// The connection to the program, on this machine.

const again = 1000;

export class Link {
  #socket = null;
  #take;
  #changed;

  /**
   * @param take is given each message.
   * @param changed is told whether it is connected.
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
    socket.addEventListener('open', () => this.#changed(true));
    socket.addEventListener('message', event => this.#take(JSON.parse(event.data)));
    socket.addEventListener('close', () => {
      this.#changed(false);
      setTimeout(() => this.#connect(), again);
    });
  }
}
