/**
 * What `@oci/spec` calls the version it implements, and a test holds it to. Spelled here because
 * that package takes longer to load than `state` takes to run.
 */
export const ociVersion = '1.3.0';
