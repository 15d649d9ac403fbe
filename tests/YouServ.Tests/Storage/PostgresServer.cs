using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace YouServ.Tests.Storage;

/// <summary>Is a PostgreSQL with nothing in it, at a free port of this machine, for as long as the tests run that need it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-postgres-").FullName;
    private int _port;
    private int _databases;
    private string? _control;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Makes a database. Skips the test where there is no PostgreSQL.</summary>
    /// <returns>How to reach it.</returns>
    internal async Task<string> CreateDatabaseAsync()
    {
        await StartAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using (var source = Npgsql.NpgsqlDataSource.Create(ConnectionString("postgres")))
        await using (var command = source.CreateCommand($"CREATE DATABASE {name}"))
        {
            await command.ExecuteNonQueryAsync();
        }

        return ConnectionString(name);
    }

    public async Task DisposeAsync()
    {
        if (_control is not null)
        {
            await RunAsync(_control, "-D", Path.Combine(_folder, "data"), "-m", "immediate", "stop");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=tester;Database={database};Timeout=30;Maximum Pool Size=20");

    private async Task StartAsync()
    {
        if (_control is not null)
        {
            return;
        }

        var (initialize, control) = (Installed.Program("initdb", "postgresql"), Installed.Program("pg_ctl", "postgresql"));
        _port = FreePort();
        var data = Path.Combine(_folder, "data");
        if (Environment.IsPrivilegedProcess)
        {
            // It refuses to run with all rights.
            Process.Start("chown", ["postgres", _folder]).WaitForExit();
        }

        await RunAsync(initialize, "-D", data, "-U", "tester", "--auth=trust", "-N", "-E", "UTF8", "--locale=C");
        await RunAsync(
            control, "-D", data, "-l", Path.Combine(_folder, "log"), "-w", "-t", "120",
            "-o", string.Create(CultureInfo.InvariantCulture, $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="), "start");
        _control = control;
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        string[] command = Environment.IsPrivilegedProcess ? [Installed.Program("runuser", "util-linux"), "-u", "postgres", "--", program, .. arguments] : [program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = _folder })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
