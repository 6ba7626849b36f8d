// The instant that is looked at, and the stretch of time that plots show: shared by plots, map, path
// and attitude of a view. Plain observables, since they move with every frame.

type Listener = () => void;

class Observable {
  private readonly listeners = new Set<Listener>();

  subscribe(run: Listener): () => void {
    this.listeners.add(run);
    return () => void this.listeners.delete(run);
  }

  protected tell(): void {
    for (const run of [...this.listeners]) run();
  }
}

/** The instant [s], and whether and how fast it runs. */
export class Clock extends Observable {
  playing = false;
  speed = 1;
  private frame = 0;
  private last = 0;

  constructor(public t: number, readonly start: number, readonly end: number) {
    super();
  }

  set(t: number): void {
    this.t = Math.min(this.end, Math.max(this.start, t));
    this.tell();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.tell();
  }

  play(): void {
    if (this.playing) return;
    if (this.t >= this.end) this.t = this.start;
    this.playing = true;
    this.last = performance.now();
    this.frame = requestAnimationFrame(this.step);
    this.tell();
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.tell();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  private readonly step = (now: number): void => {
    // a frame that took long must not make the flight jump
    const passed = Math.min(now - this.last, 250) / 1000;
    this.last = now;
    this.t = Math.min(this.end, this.t + passed * this.speed);
    if (this.t >= this.end) this.playing = false;
    else this.frame = requestAnimationFrame(this.step);
    this.tell();
  };
}

/** The stretch that all plots show [s]; it never leaves the whole. */
export class Range extends Observable {
  min: number;
  max: number;

  constructor(readonly low: number, readonly high: number) {
    super();
    this.min = low;
    this.max = high;
  }

  set(min: number, max: number): void {
    const whole = this.high - this.low;
    const long = Math.min(whole, Math.max(max - min, Math.min(0.05, whole)));
    const from = Math.min(Math.max(min, this.low), this.high - long);
    if (from === this.min && from + long === this.max) return;
    this.min = from;
    this.max = from + long;
    this.tell();
  }

  zoom(factor: number, about = (this.min + this.max) / 2): void {
    this.set(about - (about - this.min) * factor, about + (this.max - about) * factor);
  }

  pan(share: number): void {
    const by = (this.max - this.min) * share;
    this.set(this.min + by, this.max + by);
  }

  reset(): void {
    this.set(this.low, this.high);
  }

  /** Move so that an instant is in sight. */
  show(t: number): void {
    const long = this.max - this.min;
    if (t < this.min || t > this.max) this.set(t - long / 2, t + long / 2);
  }
}
