// swift-tools-version: 6.1
// A package of its own, so that the product does not depend on the benchmark library. `script/bench` runs it.

import PackageDescription

let package = Package(
    name: "sluice-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "sluice", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        // Without its default traits, whose counts of allocations and of retains are wrong or crash.
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "WireFormatsBenchmarks",
            dependencies: [
                .product(name: "GatewayCore", package: "sluice"),
                .product(name: "WireFormats", package: "sluice"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/WireFormats",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ]
)
