/**
 * Bytes as they come out of messages and as they go into them.
 */

/** View what a message holds as bytes: Jupyter delivers `DataView`s into a larger buffer. */
export function viewBytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** Return bytes that fill their buffer: JupyterLab sends the whole buffer behind a view. */
export function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
