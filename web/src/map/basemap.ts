// A PMTiles file that the user has: raster tiles as they are, vector tiles as plain shapes.
import * as maplibregl from 'maplibre-gl';
import { FileSource, PMTiles, Protocol } from 'pmtiles';
import { colour } from '../app/settings';

const protocol = new Protocol();
let isAdded = false;

/** Lay it under grid and tracks; returns what it is called. */
export async function lay(map: maplibregl.Map, file: File): Promise<string> {
  if (!isAdded) maplibregl.addProtocol('pmtiles', protocol.tile);
  isAdded = true;
  const archive = new PMTiles(new FileSource(file));
  const header = await archive.getHeader(); // refuses what is no PMTiles file
  protocol.add(archive);
  for (const layer of map.getStyle().layers) if (layer.id.startsWith('user')) map.removeLayer(layer.id);
  if (map.getSource('user')) map.removeSource('user');
  const isVector = header.tileType === 1;
  map.addSource('user', { type: isVector ? 'vector' : 'raster', url: `pmtiles://${file.name}`, ...(isVector ? {} : { tileSize: 256 }) });
  if (!isVector) map.addLayer({ id: 'user', type: 'raster', source: 'user' }, 'grid');
  else await vector(map, archive);
  return file.name;
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
