public import Database

/// The schema that the queries of this module are written for.
public enum StoreSchema {
    /// Every migration, ascending. The files are embedded in the binary, which so stays one file that can be moved.
    public static let migrations = [
        Migration(version: 17, name: "baseline", script: text(PackageResources.V17__baseline_sql))
    ]

    private static func text(_ resource: [UInt8]) -> String {
        String(decoding: resource, as: UTF8.self)
    }
}
