// A PMTiles file, the user's own or the server's: raster tiles as they are, vector tiles as plain shapes.
import * as maplibregl from 'maplibre-gl';
import { FileSource, PMTiles, Protocol } from 'pmtiles';
import { colour } from '../app/settings';

const protocol = new Protocol();
let isAdded = false;

/** Lay it under grid and tracks; returns what it is called. */
export async function lay(map: maplibregl.Map, from: File | string): Promise<string> {
  if (!isAdded) maplibregl.addProtocol('pmtiles', protocol.tile);
  isAdded = true;
  // of the server's file only the parts are fetched that are in sight; the user's goes nowhere
  const archive = new PMTiles(typeof from === 'string' ? from : new FileSource(from));
  const header = await archive.getHeader(); // refuses what is no PMTiles file
  protocol.add(archive);
  for (const layer of map.getStyle().layers) if (layer.id.startsWith('user')) map.removeLayer(layer.id);
  if (map.getSource('user')) map.removeSource('user');
  const isVector = header.tileType === 1;
  map.addSource('user', { type: isVector ? 'vector' : 'raster', url: `pmtiles://${archive.source.getKey()}`, ...(isVector ? {} : { tileSize: 256 }) });
  if (!isVector) map.addLayer({ id: 'user', type: 'raster', source: 'user' }, 'grid');
  else await vector(map, archive);
  return typeof from === 'string' ? from : from.name;
}

async function vector(map: maplibregl.Map, archive: PMTiles): Promise<void> {
  const told = (await archive.getMetadata()) as { vector_layers?: { id: string }[] };
  for (const { id } of told.vector_layers ?? []) {
    const isWater = /water|ocean|sea|lake/i.test(id);
    const paint = colour(isWater ? 'map-sea' : 'band');
    map.addLayer({
      id: `user-fill-${id}`, type: 'fill', source: 'user', 'source-layer': id, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': paint },
    }, 'grid');
    map.addLayer({
      id: `user-line-${id}`, type: 'line', source: 'user', 'source-layer': id, filter: ['==', ['geometry-type'], 'LineString'],
      paint: { 'line-color': colour('map-edge'), 'line-width': 1.2 },
    }, 'grid');
  }
}
