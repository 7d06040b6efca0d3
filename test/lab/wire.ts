import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Place } from './control-plane.ts';
import { connectQmp } from './qmp.ts';
import type { Machine } from './topology.ts';

/** What a machine sends, recorded where its cable begins, so that it is heard where nobody else hears it. */
export type Wire = {
  /** The senders of the machine's ARP packets in their order, each as long as no other follows: which address it has, and then which. */
  addresses(): Promise<string[]>;
};

const FILE_HEADER = 24;
const PACKET_HEADER = 16;

/** Reads pcap as QEMU writes it: little-endian, one record a packet, its length at 8. Of ARP (RFC 826) the sender's address is at 28 of the frame. */
const arpSenders = (pcap: Buffer, mac: string): string[] => {
  const senders: string[] = [];
  for (let at = FILE_HEADER; at + PACKET_HEADER <= pcap.length;) {
    const record = pcap.subarray(at + PACKET_HEADER, (at += PACKET_HEADER + pcap.readUInt32LE(at + 8)));
    // older versions write virtio's header of a packet in front of it
    const skip = [0, 12].find((bytes) => record.length >= bytes + 42 && record.readUInt16BE(bytes + 12) === 0x0806);
    if (skip === undefined) continue;
    const frame = record.subarray(skip);
    if (frame.subarray(6, 12).toString('hex') !== mac.replaceAll(':', '')) continue;
    const sender = [...frame.subarray(28, 32)].join('.');
    // a probe for an address that is not one's own yet comes from nobody
    if (sender !== '0.0.0.0' && sender !== senders.at(-1)) senders.push(sender);
  }
  return senders;
};

/** Begins to record what a machine sends and gets. */
export const tapWire = async (place: Place, { name, mac }: Machine): Promise<Wire> => {
  const file = path.join(place.folder, `${name}.pcap`);
  await using qmp = await connectQmp(path.join(place.folder, `${name}.qmp`));
  await qmp.execute('object-add', { 'qom-type': 'filter-dump', id: 'wire', netdev: 'lan', file, maxlen: 128 });
  return { addresses: async () => arpSenders(await readFile(file), mac) };
};
