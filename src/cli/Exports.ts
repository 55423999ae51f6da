/**
 * What a configuration can be exported to.
 *
 * It is a bundle of its own, loaded when somebody exports, and has nothing of `effect` in it.
 *
 * @since 0.1.0
 */
import * as KubernetesManifest from "./KubernetesManifest.ts"
import * as SystemdUnit from "./SystemdUnit.ts"

/**
 * Renders a unit of systemd, and says which paths it can have.
 *
 * @category formatting
 * @since 0.1.0
 */
export const systemd = { render: SystemdUnit.render, isPlainPath: SystemdUnit.isPlainPath }

/**
 * Makes a manifest for Kubernetes.
 *
 * @category formatting
 * @since 0.1.0
 */
export const kubernetes = { make: KubernetesManifest.make }
