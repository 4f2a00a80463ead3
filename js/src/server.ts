/** What joins a room on a server of rooms from the page: sent by a kernel that wants it to (`sync/page_servers.ts`). */
export { ServerLink } from './sync/server_link.ts';
