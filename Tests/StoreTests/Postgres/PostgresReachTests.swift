import Database
import Foundation
import GatewayCore
import Testing

/// Getting to a server, losing it and getting back.
@Suite struct PostgresReachTests {
    @Test(arguments: [
        "postgres://user:canary@[::1", "mysql://user:canary@host/db", "canary", "postgres://h/%zz",
        "postgres://u:p@canary@h/d",
        "postgres://u:p/canary@h/d", "postgres://u:1/canary@h/d", "postgres://u:p@x/canary@h/d",
        "postgres://u:canary@h/d?canary=1", "postgres://u:canary@h:99999/d", "postgres://u:canary@h/d?port=0",
        "postgres://u:canary@h/d?connect_timeout=soon",
    ])
    func `A URL that cannot be read is told without it`(url: String) throws {
        #expect {
            try PostgresDatabase(url: Secret(url))
        } throws: { error in
            (error as? DatabaseError)?.message.contains("its URL cannot be read") == true
                && !"\(error)".contains("canary")
        }
    }

    /// Both ways: words that mean a refusal in the name of a host, and a refusal under a name that means none.
    @Test func `No word in a host's name decides whether waiting helps`() async throws {
        for name in ["certificate", "SSL", "invalid", "password"] {
            for url in [
                "postgres://u:p@%2Ftmp%2F\(name)/d", "postgres://u:p@\(name)/d?hostaddr=127.0.0.1&port=1",
            ] {
                let error = try await failure(of: url)
                #expect(error?.mayPass == true, "\(String(describing: error))")
                if case .unreachable = error {} else { Issue.record("\(String(describing: error))") }
            }
        }
        let server = try #require(
            URLComponents(string: try await SharedServers.shared.emptyDatabase(icu: false).reveal()))
        let address = "?hostaddr=127.0.0.1&port=\(try #require(server.port))"
        for url in [
            "postgres://gateway:canary@timeout-expired.too-many/postgres\(address)",
            "postgres://gateway:\(try #require(server.password))@timeout-expired/too%20many\(address)",
            "postgres://gateway:p@too-many/postgres\(address)&sslmode=require",
            "postgres://gateway@too-many/postgres\(address)",
            "postgres://gateway:p@too-many/postgres\(address)&sslmode=sometimes",
        ] {
            let error = try await failure(of: url)
            #expect(error?.mayPass == false, "\(String(describing: error))")
            if case .refused = error {} else { Issue.record("\(String(describing: error))") }
        }
    }

    private func failure(of url: String) async throws -> DatabaseError? {
        let database = try PostgresDatabase(url: Secret(url))
        return try await databaseError { try await database.read { try $0.query("SELECT 1 AS a") } }
    }

    @Test func `A code of the server is found behind any name, and nothing else is taken for one`() {
        let refused = ConnectMessage(
            "connection to server at \"a failed: b\" (127.0.0.1), port 5432 failed: FATAL:  28P01\n",
            host: "a failed: b")
        #expect(refused.text == "FATAL:  28P01")
        #expect(refused.state == "28P01")
        let down = ConnectMessage(
            "connection to server at \"h\" (::1), port 1 failed: Connection refused\n\tIs the server running?\n"
                + "connection to server at \"h\" (127.0.0.1), port 1 failed: No route to host\n\tIs it?\n", host: "h")
        #expect(down.text == "No route to host")
        #expect(down.state == nil)
        let socket = ConnectMessage(
            "connection to server on socket \"/tmp/x/.s.PGSQL.5432\" failed: No such file or directory\n\tIs it?\n",
            host: "/tmp/x")
        #expect(socket.text == "No such file or directory")
    }

    @Test(arguments: [
        ("postgres://u:p@localhost/d", true), ("postgres://u:p@127.0.0.1,[::1]/d", true), ("postgres:///d", true),
        ("postgres://u:p@localhost/d?hostaddr=10.0.0.1", false), ("postgres://u:p@localhost/d?service=prod", false),
        ("postgres://u:p@localhost/d?host=db.example", false), ("postgres://u:p@localhost,db.example/d", false),
        ("postgres:///d?service=prod", false), ("postgres://u:p@127.0.0.1.example/d", false),
    ])
    func `Only a URL that names this machine and nothing else is local`(_ url: String, isLocal: Bool) throws {
        #expect(try PostgresDatabase(url: Secret(url)).isLocal == isLocal)
    }

    @Test func `A URL is shown without its password and parameters`() throws {
        let url = "postgres://ann:canary@db.example:6432/gateway?sslmode=require&sslpassword=canary"
        #expect(try PostgresDatabase(url: Secret(url)).location == "postgres://ann:•••@db.example:6432/gateway")
        let short = try PostgresDatabase(url: Secret("postgresql://db.example/gateway?password=canary&user=ann"))
        #expect(short.location == "postgres://ann:•••@db.example/gateway")
    }

    @Test func `A wrong password is told without it`() async throws {
        let url = try await SharedServers.shared.emptyDatabase(icu: false).reveal()
        let password = try #require(URLComponents(string: url)?.password)
        let database = try PostgresDatabase(url: Secret(url.replacing(password, with: "canary")))
        let error = try await databaseError { try await database.read { try $0.query("SELECT 1 AS a") } }
        #expect(error?.message.contains("password authentication failed") == true)
        #expect(error?.description.contains("canary") == false)
        #expect(error?.hint?.contains("password") == true)
    }

    @Test func `A database that does not exist and a server without TLS are told`() async throws {
        let url = try await SharedServers.shared.emptyDatabase(icu: false).reveal()
        let cases = [
            (url.replacing("/postgres?", with: "/absent?"), #"database "absent" does not exist"#),
            (url + "&sslmode=require", "server does not support SSL"),
        ]
        for (url, words) in cases {
            let database = try PostgresDatabase(url: Secret(url))
            let error = try await databaseError { try await database.read { try $0.query("SELECT 1 AS a") } }
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        }
    }

    /// As long as it connects it cannot be cut off, as where the name of its host is not resolved.
    @Test(.timeLimit(.minutes(1))) func `A task ends although its session goes on connecting, and so does a close`()
        async throws
    {
        let server = try SilentServer(welcomes: false)
        let url = Secret(server.url.reveal() + "&connect_timeout=15")
        for isCancelled in [true, false] {
            let database = try PostgresDatabase(url: url)
            let before = server.welcomed
            let start = ContinuousClock.now
            let task = Task {
                try await database.read(within: .seconds(isCancelled ? 60 : 1)) { try $0.query("SELECT 1 AS a") }
            }
            if isCancelled {
                while server.welcomed == before { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            } else {
                await #expect(throws: DatabaseError.timedOut(database: database.location)) { try await task.value }
            }
            try await database.close()
            #expect(.now - start < .seconds(10))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `A server that is down is told at once, and used again when it is back`() async throws {
        let server = try await ThrowawayServer.start()
        try await server.stop()
        let database = try PostgresDatabase(url: server.url)
        for _ in 0..<3 {
            let error = try await databaseError { try await database.read { try $0.query("SELECT 1 AS a") } }
            #expect(error?.message.contains("Connection refused") == true, "\(String(describing: error))")
        }
        try await server.start()
        try await untilReached(database)

        // Every connection that the pool has is dead now, and the next transactions must not notice.
        try await server.stop()
        try await server.start()
        let after = try await database.read { try $0.query("SELECT 1 AS a") }
        #expect(after.count == 1)
        try await database.write { try $0.executeScript("CREATE TABLE t (a INTEGER)") }
        try await database.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func `A server that restarts under load is told as that, and is whole again afterwards`() async throws {
        let server = try await ThrowawayServer.start()
        let database = try PostgresDatabase(url: server.url)
        try await database.write { try $0.executeScript("CREATE TABLE t (a BIGINT)") }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var written = 0
                    while !Task.isCancelled {
                        let error = try await databaseError {
                            try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
                        }
                        switch error {
                        case nil: written += 1
                        case .connectionLost, .outcomeUnknown, .unreachable: await Task.yield()
                        case let error: Issue.record("\(String(describing: error))")
                        }
                    }
                    return written
                }
            }
            try await server.stop()
            try await server.start()
            try await untilReached(database)
            let before = try await rowCount(database)
            let deadline = ContinuousClock.now + .seconds(25)
            while try await rowCount(database) < before + 100 { try #require(ContinuousClock.now < deadline) }
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result { #expect(error is CancellationError) }
            }
        }
        try await database.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func `A server that says nothing is given up after the limit, and by a task that is cancelled`() async throws {
        try await withPostgres(oneConnection()) { database in
            // It answers in time for the server's own limit, and too late for this one.
            let error = try await databaseError {
                try await database.read(within: .milliseconds(100)) { try $0.query("SELECT pg_sleep(20)") }
            }
            #expect(error == .timedOut(database: database.location))
            let after = try await database.read { try $0.query("SELECT 1 AS a") }
            #expect(after.count == 1)
        }
    }

    @Test func `A server that says nothing after the login is given up after the limit`() async throws {
        let server = try SilentServer()
        let database = try PostgresDatabase(url: server.url)
        let began = ContinuousClock.now
        let error = try await databaseError {
            try await database.read(within: .milliseconds(100)) { try $0.query("SELECT 1 AS a") }
        }
        #expect(error == .timedOut(database: database.location))
        #expect(began.duration(to: .now) < .seconds(10))
        try await database.close()
    }

    @Test func `A server that says nothing after the login is given up by a task that is cancelled`() async throws {
        let server = try SilentServer()
        let database = try PostgresDatabase(url: server.url)
        let began = ContinuousClock.now
        let asking = Task { try await database.read(within: nil) { try $0.query("SELECT 1 AS a") } }
        while server.welcomed == 0 {
            try #require(began.duration(to: .now) < .seconds(5))
            await Task.yield()
        }
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        #expect(began.duration(to: .now) < .seconds(10))
        try await database.close()
    }

    private func rowCount(_ database: PostgresDatabase) async throws -> Int64 {
        try await database.read { try $0.query("SELECT COUNT(*) AS n FROM t")[0].int64("n") }
    }

    /// The pool itself says when it may be tried again, at most a second later.
    private func untilReached(_ database: PostgresDatabase) async throws {
        let deadline = ContinuousClock.now + .seconds(25)
        while try await databaseError({ try await database.read { try $0.query("SELECT 1 AS a") } }) != nil {
            try #require(ContinuousClock.now < deadline)
            await Task.yield()
        }
    }

    @Test func `A connection that is killed in a transaction takes the transaction with it, and no other`() async throws
    {
        try await withPostgres(oneConnection()) { database in
            try await database.write { try $0.executeScript("CREATE TABLE t (a INTEGER)") }
            let error = try await databaseError {
                try await database.write { connection in
                    try connection.execute("INSERT INTO t VALUES (1)")
                    _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(error == .connectionLost(database: database.location))
            let after = try await database.read { try $0.query("SELECT a FROM t") }
            #expect(after.isEmpty)
        }
    }

    @Test func `A connection that is lost during the commit leaves the outcome open`() async throws {
        try await withPostgres(oneConnection()) { database in
            try await database.write { connection in
                try connection.executeScript(
                    """
                    CREATE TABLE t (a INTEGER);
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                    CREATE CONSTRAINT TRIGGER t_die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION die();
                    """)
            }
            let error = try await databaseError {
                try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
            }
            #expect(error == .outcomeUnknown(database: database.location))
            let after = try await database.read { try $0.query("SELECT a FROM t") }
            #expect(after.isEmpty)
        }
    }
}
