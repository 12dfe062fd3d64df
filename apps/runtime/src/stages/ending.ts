/** Where the host lane's part ends: `create` leaves as soon as the container may be started. */
export type Ending = 'create' | 'detach' | 'run';
