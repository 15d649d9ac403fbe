// What flies apart when somebody is hit.

const sparksMax = 900;

export class Sparks {
  all = [];
  rings = [];

  strike(x, y, id) {
    this.#burst(x, y, id, 10, 140, 0.35);
  }

  explode(x, y, id) {
    this.#burst(x, y, id, 46, 260, 0.95);
    this.#burst(x, y, null, 22, 120, 0.6);
    this.rings.push({ x, y, id, age: 0, life: 0.55 });
  }

  advance(seconds) {
    for (const spark of this.all) {
      spark.age += seconds;
      spark.x += spark.vx * seconds;
      spark.y += spark.vy * seconds;
      spark.vx *= Math.exp(-2.2 * seconds);
      spark.vy *= Math.exp(-2.2 * seconds);
    }

    for (const ring of this.rings) {
      ring.age += seconds;
    }

    this.all = this.all.filter(spark => spark.age < spark.life);
    this.rings = this.rings.filter(ring => ring.age < ring.life);
  }

  #burst(x, y, id, count, speed, life) {
    for (let i = 0; i < count && this.all.length < sparksMax; i++) {
      const [direction, fast] = [Math.random() * Math.PI * 2, speed * (0.25 + Math.random() * 0.75)];
      this.all.push({ x, y, id, vx: Math.cos(direction) * fast, vy: Math.sin(direction) * fast, age: 0, life: life * (0.5 + Math.random() * 0.5), size: 1.2 + Math.random() * 2.4 });
    }
  }
}
