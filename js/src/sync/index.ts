export { StoreBinding } from './binding.ts';
export { BroadcastLink } from './broadcast_link.ts';
export { CommLink, type CommModel } from './comm_link.ts';
export { decodeFrame, encodeFrame, type Frame, type FrameKind } from './frames.ts';
export type { Link, LinkEvents, LinkState, Sender } from './link.ts';
export { getPage, type Page, type Runtime } from './page.ts';
export { type CommSeat, joinByComm, openRoom } from './page_rooms.ts';
export { Room } from './room.ts';
