// All that the page shows of the world.

import { setMap } from './flight.js';
import { OtherShip } from './others.js';
import { OwnShip } from './own.js';
import { Sparks } from './sparks.js';

export class Scene {
  own = new OwnShip();
  id = '';
  others = new Map();
  shots = [];
  board = [];
  sparks = new Sparks();
  shot = { speed: 480, lifetime: 0.5 };
  area = 400;
  shake = 0;
  downedBy = '';

  nameOf(id) {
    return this.board.find(pilot => pilot.id === id)?.name ?? 'somebody';
  }

  greet(said) {
    this.id = said.you;
    setMap(said.map[0], said.map[1]);
    this.area = said.map[2];
    this.shot = said.shot;
    this.others.clear();
  }

  /** Takes one piece of news about what flies. */
  take(news, now) {
    switch (news.kind) {
      case 'own':
        this.own.correct(news);
        break;
      case 'moved':
        if (!this.others.has(news.id)) {
          this.others.set(news.id, new OtherShip(news.id));
        }

        this.others.get(news.id).take(news, now);
        break;
      case 'lost':
      case 'gone':
        this.others.delete(news.id);
        break;
      case 'fired':
        this.shots.push({ ...news, since: now });
        break;
      case 'hit':
        this.#hit(news, now);
        break;
    }
  }

  advance(seconds, now) {
    this.own.advance(seconds);
    this.sparks.advance(seconds);
    this.shake = Math.max(0, this.shake - seconds * 2.5);
    this.shots = this.shots.filter(shot => now - shot.since < this.shot.lifetime);

    // A page that could not keep up may have missed that somebody has gone.
    for (const [id, other] of this.others) {
      if (other.isGone(now)) {
        this.others.delete(id);
      }
    }
  }

  #hit(news, now) {
    this.shots = this.shots.filter(shot => shot.id !== news.by || shot.number !== news.number);
    const other = this.others.get(news.id)?.shown(now);
    const { x, y } = other ?? news;
    if (news.left === 0) {
      this.sparks.explode(x, y, news.id);
    } else {
      this.sparks.strike(x, y, news.id);
    }

    if (news.id === this.id) {
      this.shake = news.left === 0 ? 1 : 0.5;
      this.downedBy = news.by;
    }
  }
}
