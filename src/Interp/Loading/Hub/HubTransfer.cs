namespace Interp;

using System.Net;
using System.Net.Http.Headers;

/// <summary>Brings one file's bytes onto the disk.</summary>
/// <remarks>
/// 1. What an earlier attempt left is kept: the partial file is always a beginning of the whole, whoever wrote it. 2. A long rest is fetched in parts, several
/// at a time, and written in order. 3. A short one, or one from a server that gives no parts, comes in one stream. 4. Length and hash are
/// checked; where they are wrong everything is fetched once more.
/// </remarks>
internal sealed class HubTransfer(HubClient client, HubFile file, string incomplete)
{
    private readonly HubOptions options = client.Options;

    /// <summary>Fills the partial file up to the whole.</summary>
    /// <exception cref="InvalidDataException">Length or hash are wrong twice.</exception>
    /// <exception cref="HttpRequestException">The server failed too often.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await FetchAsync(cancellation).ConfigureAwait(false);
            var wrong = await WrongAsync(cancellation).ConfigureAwait(false);
            if (wrong is null)
                return;
            File.Delete(incomplete);
            if (attempt == 2)
                throw new InvalidDataException($"'{file.Name}' of '{file.Repository}' came from {file.Address.Authority} {wrong}, twice: the server or something between changes the file. Nothing of it is kept.");
        }
    }

    private async Task FetchAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(incomplete)!);
        await using var stream = new FileStream(incomplete, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16, FileOptions.Asynchronous);
        if (stream.Length > file.Size)
            stream.SetLength(0);
        stream.Seek(0, SeekOrigin.End);
        Report(stream.Length);
        var many = options.Connections > 1 && file.Size - stream.Length > options.PartBytes;
        if (!many || !await new HubParts(client, file).FetchAsync(stream, Report, cancellation).ConfigureAwait(false))
            await client.RepeatAsync(() => StreamAsync(stream, cancellation), () => stream.Position, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>One request for the rest.</summary>
    private async Task<bool> StreamAsync(FileStream stream, CancellationToken cancellation)
    {
        if (stream.Position == file.Size)
            return true;
        var range = stream.Position > 0 ? new RangeHeaderValue(stream.Position, null) : null;
        using var response = await client.SendAsync(HttpMethod.Get, file.Address, range, elsewhere: true, null, cancellation).ConfigureAwait(false);
        HubClient.ThrowIfBusy(response);
        if (!StartsHere(response, stream))
            throw new HubTransientException($"{file.Address} gives other bytes than were asked for.");
        var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[1 << 18];
        while (await client.ListenAsync(patience => body.ReadAsync(buffer, patience).AsTask(), file.Address, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            Report(stream.Position);
            if (stream.Position > file.Size)
                return true;
        }
        return stream.Position >= (file.Size ?? 0) ? true : throw new HubTransientException($"{file.Address} broke off at byte {stream.Position:N0} of {file.Size:N0}.");
    }

    // A server without ranges sends the whole: then the beginning is taken again.
    private bool StartsHere(HttpResponseMessage response, FileStream stream)
    {
        if (response.StatusCode == HttpStatusCode.PartialContent)
            return response.Content.Headers.ContentRange?.From == stream.Position;
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable))
            throw HubErrors.Refused(response, file.Repository, file.Commit, file.Name, options);
        stream.SetLength(0);
        stream.Seek(0, SeekOrigin.Begin);
        return response.StatusCode == HttpStatusCode.OK;
    }

    private async Task<string?> WrongAsync(CancellationToken cancellation)
    {
        var length = new FileInfo(incomplete).Length;
        if (file.Size is { } size && length != size)
            return $"with {length:N0} bytes instead of {size:N0}";
        var hash = await HubHash.OfAsync(incomplete, file.Tag, cancellation).ConfigureAwait(false);
        return hash is null || hash.Equals(file.Tag, StringComparison.OrdinalIgnoreCase) ? null : $"with the hash {hash} instead of {file.Tag}";
    }

    private void Report(long bytes) => options.Progress?.Report(new HubProgress(file.Repository.Name, file.Name, bytes, file.Size));
}
