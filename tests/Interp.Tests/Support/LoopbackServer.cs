namespace Interp.Tests.Support;

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

/// <summary>A request as the server saw it.</summary>
internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>First and last byte asked for.</summary>
    public (long From, long? To)? Range
    {
        get
        {
            if (Header("Range") is not { } range)
                return null;
            var parts = range["bytes=".Length..].Split('-');
            return (long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1].Length > 0 ? long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : null);
        }
    }
}

/// <summary>What the server sends, well-behaved or not.</summary>
internal sealed record ServerReply(int Status, byte[] Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>The length that is announced; null for the body's.</summary>
    public long? Announced { get; init; }

    /// <summary>After how many bytes of the body the connection ends; null for none.</summary>
    public int? DropAfter { get; init; }

    /// <summary>How long nothing comes before the body.</summary>
    public TimeSpan Silence { get; init; }
}

/// <summary>HTTP on a port of this machine, one request a connection, byte by byte as a test wants it.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<SeenRequest, ServerReply> answer;
    private int open;

    public LoopbackServer(Func<SeenRequest, ServerReply> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>The most requests that were open at a time.</summary>
    public int MostAtOnce { get; private set; }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = client.GetStream();
            var request = await ReadAsync(stream);
            if (request is null)
                return;
            Seen.Enqueue(request);
            try
            {
                MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref open));
                await WriteAsync(stream, request, answer(request));
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        }
        catch (Exception problem) when (problem is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private async Task WriteAsync(NetworkStream stream, SeenRequest request, ServerReply reply)
    {
        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Status\r\nConnection: close\r\nContent-Length: {reply.Announced ?? reply.Body.Length}\r\n");
        foreach (var (name, value) in reply.Headers)
            head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), stop.Token);
        if (reply.Silence > TimeSpan.Zero)
            await Task.Delay(reply.Silence, stop.Token);
        if (request.Method != "HEAD")
            await stream.WriteAsync(reply.Body.AsMemory(0, Math.Min(reply.Body.Length, reply.DropAfter ?? reply.Body.Length)), stop.Token);
        await stream.FlushAsync(stop.Token);
    }

    private async Task<SeenRequest?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!(bytes.Count >= 4 && bytes[^1] == '\n' && bytes[^2] == '\r' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0)
                return null;
            bytes.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        return new SeenRequest(first[0], Uri.UnescapeDataString(first[1]), headers);
    }
}
