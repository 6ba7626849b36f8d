// The flown path in three dimensions, with a vehicle that lies as it lay. Loaded on demand.
import {
  BufferAttribute, BufferGeometry, Color, ConeGeometry, GridHelper, Group, Line, LineBasicMaterial, LineDashedMaterial, LineSegments,
  Mesh, MeshBasicMaterial, BoxGeometry, PerspectiveCamera, Scene, Vector3, WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { colour } from '../app/settings';
import { valueAt } from './enu';

export interface Path {
  t: Float64Array;
  east: Float64Array;
  north: Float64Array;
  up: Float64Array;
  roll: ArrayLike<number>;
  pitch: ArrayLike<number>;
  yaw: ArrayLike<number>;
  colour: string;
}
export interface Spot {
  t: number;
  colour: string;
}

/** Three's axes: x east, y up, z south. */
export class PathScene {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(45, 1, 0.1, 100_000);
  private readonly controls: OrbitControls;
  private readonly vehicle = new Group();
  private readonly drop: Line;
  private readonly watch: ResizeObserver;
  private frame = 0;
  private readonly size: number;

  constructor(private readonly host: HTMLElement, private readonly path: Path, plan: [number, number, number][], spots: readonly Spot[]) {
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer.domElement.setAttribute('aria-label', 'Flown path in three dimensions; drag to turn, wheel to zoom');
    host.append(this.renderer.domElement);
    const box = bounds(path);
    this.size = Math.max(box.size, 4);
    this.build(box, plan, spots);
    this.drop = new Line(new BufferGeometry().setFromPoints([new Vector3(), new Vector3()]), new LineBasicMaterial({ color: new Color(colour('soft')) }));
    this.scene.add(this.drop);
    this.controls = new OrbitControls(this.camera, this.renderer.domElement);
    this.controls.target.set(box.e, box.u / 2, -box.n);
    this.camera.position.set(box.e - this.size * 0.7, box.u / 2 + this.size * 0.75, -box.n + this.size * 1.15);
    this.camera.far = this.size * 40;
    this.camera.near = this.size / 500;
    this.controls.addEventListener('change', () => this.soon());
    this.controls.update();
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(host);
    this.resize();
  }

  /** Put the vehicle where it was at an instant. */
  set(t: number): void {
    const { path } = this;
    const p = at(path, t);
    if (!Number.isFinite(p.x)) return;
    this.vehicle.position.copy(p);
    const angle = (v: ArrayLike<number>): number => valueAt(path.t, v, t) || 0;
    // yaw clockwise from north about up, pitch nose up, roll right: in three's axes
    this.vehicle.rotation.set(0, 0, 0, 'YXZ');
    this.vehicle.rotation.order = 'YXZ';
    this.vehicle.rotation.y = -angle(path.yaw);
    this.vehicle.rotation.x = angle(path.pitch);
    this.vehicle.rotation.z = -angle(path.roll);
    const line = this.drop.geometry.getAttribute('position') as BufferAttribute;
    line.setXYZ(0, p.x, p.y, p.z);
    line.setXYZ(1, p.x, 0, p.z);
    line.needsUpdate = true;
    this.soon();
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.watch.disconnect();
    this.controls.dispose();
    this.scene.traverse((o) => {
      if (o instanceof Line || o instanceof Mesh) {
        o.geometry.dispose();
        (o.material as MeshBasicMaterial).dispose();
      }
    });
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }

  private soon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.renderer.render(this.scene, this.camera));
  }

  private resize(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    this.renderer.setSize(w, h);
    this.camera.aspect = w / h;
    this.camera.updateProjectionMatrix();
    this.soon();
  }

  private build(box: Box, plan: [number, number, number][], spots: readonly Spot[]): void {
    const step = 10 ** Math.floor(Math.log10(this.size / 2));
    const cells = Math.ceil((this.size * 1.6) / step) + 2;
    const faint = new Color(colour('faint'));
    const floor = new GridHelper(cells * step, cells, faint, faint);
    floor.position.set(Math.round(box.e / step) * step, 0, -Math.round(box.n / step) * step);
    this.scene.add(floor, this.line(), this.curtain());
    if (plan.length > 1) {
      const line = new Line(
        new BufferGeometry().setFromPoints(plan.map(([e, n, u]) => new Vector3(e, u, -n))),
        new LineDashedMaterial({ color: new Color(colour('plan')), dashSize: this.size / 60, gapSize: this.size / 60 }),
      );
      line.computeLineDistances();
      this.scene.add(line);
    }
    for (const spot of spots) {
      const p = at(this.path, spot.t);
      if (!Number.isFinite(p.x)) continue;
      const ball = new Mesh(new ConeGeometry(this.size / 70, this.size / 28, 4), new MeshBasicMaterial({ color: new Color(spot.colour) }));
      ball.position.copy(p).add(new Vector3(0, this.size / 40, 0));
      ball.rotation.x = Math.PI;
      this.scene.add(ball);
    }
    const k = this.size / 26;
    const body = new Mesh(new ConeGeometry(k * 0.32, k * 1.3, 3), new MeshBasicMaterial({ color: new Color(colour('ink')) }));
    body.rotation.x = -Math.PI / 2; // the nose points north
    const wings = new Mesh(new BoxGeometry(k * 1.7, k * 0.07, k * 0.34), new MeshBasicMaterial({ color: new Color(colour('link')) }));
    const fin = new Mesh(new BoxGeometry(k * 0.07, k * 0.5, k * 0.3), new MeshBasicMaterial({ color: new Color(colour('vermillion')) }));
    fin.position.set(0, k * 0.25, k * 0.5);
    this.vehicle.add(body, wings, fin);
    this.scene.add(this.vehicle);
  }

  private points(): Vector3[] {
    const { t, east, north, up } = this.path;
    const found: Vector3[] = [];
    for (let i = 0; i < t.length; i += 1) {
      if (Number.isFinite(east[i]) && Number.isFinite(north[i]) && Number.isFinite(up[i])) found.push(new Vector3(east[i], up[i], -north[i]!));
    }
    return found;
  }

  private line(): Line {
    return new Line(new BufferGeometry().setFromPoints(this.points()), new LineBasicMaterial({ color: new Color(this.path.colour), linewidth: 2 }));
  }

  /** Uprights from the ground to the path: without them height cannot be read. */
  private curtain(): LineSegments {
    const all = this.points();
    const every = Math.max(1, Math.floor(all.length / 90));
    const pairs = all.filter((_, i) => i % every === 0).flatMap((p) => [p, new Vector3(p.x, 0, p.z)]);
    return new LineSegments(new BufferGeometry().setFromPoints(pairs), new LineBasicMaterial({ color: new Color(this.path.colour), transparent: true, opacity: 0.22 }));
  }
}

function at(path: Path, t: number): Vector3 {
  return new Vector3(valueAt(path.t, path.east, t), valueAt(path.t, path.up, t), -valueAt(path.t, path.north, t));
}

interface Box {
  e: number;
  n: number;
  u: number;
  size: number;
}

function bounds(path: Path): Box {
  const span = (v: Float64Array): [number, number] => {
    let a = Infinity;
    let b = -Infinity;
    for (const x of v) {
      if (x < a) a = x;
      if (x > b) b = x;
    }
    return Number.isFinite(a) ? [a, b] : [0, 0];
  };
  const [e0, e1] = span(path.east);
  const [n0, n1] = span(path.north);
  const [, u1] = span(path.up);
  return { e: (e0 + e1) / 2, n: (n0 + n1) / 2, u: Math.max(u1, 1), size: Math.max(e1 - e0, n1 - n0, u1) };
}
