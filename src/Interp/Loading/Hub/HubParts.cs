namespace Interp;

using System.Net;
using System.Net.Http.Headers;

/// <summary>Fetches the rest of a file in parts, several at a time, and appends them in order, so that the partial file is a beginning of the whole at any time.</summary>
internal sealed class HubParts(HubClient client, HubFile file)
{
    /// <returns>False where the server gives no parts; then nothing has been written.</returns>
    public async Task<bool> FetchAsync(FileStream stream, Action<long> report, CancellationToken cancellation)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pending = new Queue<Task<byte[]?>>();
        var next = stream.Position;
        try
        {
            while (stream.Position < file.Size)
            {
                for (; pending.Count < client.Options.Connections && next < file.Size; next += client.Options.PartBytes)
                    pending.Enqueue(PartAsync(next, (int)Math.Min(client.Options.PartBytes, file.Size.Value - next), others.Token));
                if (await pending.Dequeue().ConfigureAwait(false) is not { } part)
                    return false;
                await stream.WriteAsync(part, cancellation).ConfigureAwait(false);
                report(stream.Position);
            }
            return true;
        }
        finally
        {
            await others.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(pending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private async Task<byte[]?> PartAsync(long start, int length, CancellationToken cancellation)
    {
        var part = new byte[length];
        var filled = 0;
        var given = await client.RepeatAsync(
            async () =>
            {
                var range = new RangeHeaderValue(start + filled, start + length - 1);
                using var response = await client.SendAsync(HttpMethod.Get, file.Address, range, elsewhere: true, null, cancellation).ConfigureAwait(false);
                HubClient.ThrowIfBusy(response);
                if (response.StatusCode != HttpStatusCode.PartialContent)
                    return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable
                        ? false
                        : throw HubErrors.Refused(response, file.Repository, file.Commit, file.Name, client.Options);
                if (response.Content.Headers.ContentRange?.From != start + filled)
                    throw new HubTransientException($"{file.Address} gives other bytes than were asked for.");
                var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                while (filled < length)
                {
                    var read = await client.ListenAsync(patience => body.ReadAsync(part.AsMemory(filled), patience).AsTask(), file.Address, cancellation).ConfigureAwait(false);
                    filled += read > 0 ? read : throw new HubTransientException($"{file.Address} broke off at byte {start + filled:N0}.");
                }
                return true;
            },
            () => filled, cancellation).ConfigureAwait(false);
        return given ? part : null;
    }
}
