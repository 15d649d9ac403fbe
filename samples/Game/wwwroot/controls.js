// Keyboard and touch.

import { Button, turnTo } from './flight.js';

const keys = {
  ArrowLeft: Button.left, KeyA: Button.left,
  ArrowRight: Button.right, KeyD: Button.right,
  ArrowUp: Button.thrust, KeyW: Button.thrust,
  Space: Button.fire,
};

/** A stick that points this far from where the ship does is turned after. */
const stickSlack = 0.09;

export class Controls {
  #pressed = new Set();
  #stick = null;
  #fires = false;

  constructor() {
    addEventListener('keydown', event => this.#key(event, true));
    addEventListener('keyup', event => this.#key(event, false));
    addEventListener('blur', () => this.#pressed.clear());
    this.#touch();
  }

  /** What is pressed, by a ship that points somewhere. */
  buttons(heading) {
    let buttons = this.#fires ? Button.fire : 0;
    for (const key of this.#pressed) {
      buttons |= keys[key];
    }

    if (this.#stick) {
      const off = turnTo(heading, this.#stick.direction);
      buttons |= off > stickSlack ? Button.right : off < -stickSlack ? Button.left : 0;
      buttons |= this.#stick.reach > 0.55 && Math.abs(off) < 1.1 ? Button.thrust : 0;
    }

    return buttons;
  }

  #key(event, isDown) {
    if (!(event.code in keys) || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }

    event.preventDefault();
    if (isDown) {
      this.#pressed.add(event.code);
    } else {
      this.#pressed.delete(event.code);
    }
  }

  #touch() {
    const stick = document.getElementById('stick');
    const knob = stick.firstElementChild;
    const move = event => {
      const box = stick.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      const reach = Math.min(1, Math.hypot(x, y) / (box.width / 2));
      const direction = Math.atan2(y, x);
      this.#stick = reach > 0.2 ? { direction, reach } : null;
      knob.style.setProperty('transform', `translate(${Math.cos(direction) * reach * 44}px, ${Math.sin(direction) * reach * 44}px)`);
    };
    const release = () => {
      this.#stick = null;
      knob.style.removeProperty('transform');
    };
    stick.addEventListener('pointerdown', event => {
      stick.setPointerCapture(event.pointerId);
      move(event);
    });
    stick.addEventListener('pointermove', event => stick.hasPointerCapture(event.pointerId) && move(event));
    stick.addEventListener('pointerup', release);
    stick.addEventListener('pointercancel', release);

    const fire = document.getElementById('fire');
    const shoot = isDown => {
      this.#fires = isDown;
      fire.classList.toggle('pressed', isDown);
    };
    fire.addEventListener('pointerdown', event => {
      fire.setPointerCapture(event.pointerId);
      shoot(true);
    });
    fire.addEventListener('pointerup', () => shoot(false));
    fire.addEventListener('pointercancel', () => shoot(false));
    addEventListener('contextmenu', event => event.pointerType === 'touch' && event.preventDefault());
  }
}
