// swift-tools-version: 6.2
// Sluice: a self-hosted LLM gateway. Each target has one job; docs/architecture.md says which imports it may have.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func target(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "gateway", targets: ["Gateway"]),
        // For Benchmarks/.
        .library(name: "GatewayCore", targets: ["GatewayCore"]),
        .library(name: "WireFormats", targets: ["WireFormats"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        target("GatewayCore", [crypto, cryptoExtras]),
        target("WireFormats", ["GatewayCore", nioCore]),
        target("GatewayConfig", ["GatewayCore", yams]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        target("ContentCoding", ["CZlib", "CZstd", nioCore]),
        target("Database", ["GatewayCore", "CLibPQ", grdb]),
        target("Store", ["GatewayCore", "Database"], resources: [.embedInCode("Migrations/V17__baseline.sql")]),
        target("Provisioning", ["GatewayCore", "GatewayConfig", "Store"]),
        target("Egress", ["GatewayCore", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS]),
        target("Providers", ["GatewayCore", "WireFormats", "Egress", nioCore, nioHTTP1]),
        target("Routing", ["GatewayCore", "GatewayConfig", "Store", logging, lifecycle]),
        target("Telemetry", ["GatewayCore", logging, nioCore]),
        .target(name: "PriceData", exclude: ["models-dev.json", "source.txt"]),
        .target(name: "CRC32C"),
        target("Accounting", ["GatewayCore", "PriceData", "CRC32C", logging, lifecycle, nioCore]),
        target(
            "Operations",
            [
                "GatewayCore", "GatewayConfig", "Database", "Store", "Provisioning", "Routing", "Accounting", "Egress",
                logging, lifecycle, nioCore, nioHTTP1,
            ]),
        target("Listening", [logging, nioCore]),
        target("ControlSocket", ["GatewayCore", "Listening", logging, lifecycle, nioCore, nioPosix]),
        target(
            "DataPlane",
            [
                "GatewayCore", "ContentCoding", "WireFormats", "Egress", "Providers", "Routing", "Telemetry", "Store",
                "Accounting", "Listening", logging, lifecycle, nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "GatewayCore", "GatewayConfig", "Database", "Store", "Provisioning", "Operations", "Accounting",
                "Egress",
                "Providers", "Routing", "Telemetry", "ControlSocket", "DataPlane", argumentParser, logging, lifecycle,
                unixSignals, nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: settings),
        target("GatewayTestSupport", [nioCore, nioPosix, nioSSL]),
        tests("GatewayCoreTests", ["GatewayCore"]),
        tests("ContentCodingTests", ["ContentCoding", nioCore]),
        tests("WireFormatsTests", ["WireFormats", "GatewayCore", nioCore]),
        tests("GatewayConfigTests", ["GatewayConfig", "GatewayCore"]),
        tests("StoreTests", ["Store", "Operations", "Database", "GatewayCore"]),
        tests("ProvisioningTests", ["Provisioning", "GatewayConfig", "Store", "Database", "GatewayCore"]),
        tests(
            "AccountingTests",
            ["Accounting", "CRC32C", "GatewayCore", logging, lifecycle, nioCore, nioPosix]),
        tests(
            "OperationsTests",
            [
                "Operations", "Accounting", "Provisioning", "Routing", "GatewayConfig", "Store", "Database",
                "GatewayCore",
                "GatewayTestSupport", logging, lifecycle,
            ]),
        tests("TelemetryTests", ["Telemetry", "GatewayCore", logging, nioCore]),
        tests(
            "ProvidersTests",
            ["Providers", "WireFormats", "Egress", "GatewayCore", "GatewayTestSupport", nioCore, nioEmbedded, nioHTTP1]),
        tests("EgressTests", ["Egress", "GatewayCore", "GatewayTestSupport", nioCore, nioHTTP1, nioPosix]),
        tests("GatewayTestSupportTests", ["GatewayTestSupport", nioCore, nioSSL]),
        tests(
            "RoutingTests",
            ["Routing", "Store", "GatewayConfig", "GatewayCore", "GatewayTestSupport", logging, lifecycle]),
        tests("ControlSocketTests", ["ControlSocket", "GatewayCore", logging, lifecycle, nioCore, nioPosix]),
        tests(
            "DataPlaneTests",
            [
                "DataPlane", "GatewayConfig", "Providers", "Routing", "Egress", "WireFormats", "Store", "Database",
                "Telemetry", "GatewayCore", "GatewayTestSupport", logging, lifecycle, nioCore, nioHTTP1, nioPosix,
            ]),
    ]
)
