/// Who owns a stored row: what `gateway.yaml` lists belongs to the file, all else to the control plane.
public enum ManagedBy: String, Sendable, Hashable {
    case file
    case controlPlane = "control_plane"
}
