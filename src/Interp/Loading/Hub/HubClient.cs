namespace Interp;

using System.Net;
using System.Net.Http.Headers;

/// <summary>Requests to the hub: redirects followed by hand, so that the token goes to the hub alone; failures that may pass are repeated.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const int MostDescription = 64 << 20;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly HubOptions options;
    private readonly HttpClient http;

    public HubClient(HubOptions options)
    {
        this.options = options;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.Silence })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public HubOptions Options => options;

    public void Dispose() => http.Dispose();

    /// <summary>Repeats what fails in a way that may pass. Where bytes came meanwhile the count begins again.</summary>
    /// <param name="attempt">One attempt; it says how many bytes there are so far by the function given to it.</param>
    /// <param name="progress">How far the thing is; an attempt that moved it does not count as failed.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="HttpRequestException">It failed too often.</exception>
    public async Task<T> RepeatAsync<T>(Func<Task<T>> attempt, Func<long> progress, CancellationToken cancellation)
    {
        var furthest = progress();
        for (var failures = 0; ;)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (HubTransientException problem)
            {
                // Only what was never reached before counts: a server may also take back what it gave.
                failures = progress() > furthest ? 1 : failures + 1;
                furthest = Math.Max(furthest, progress());
                if (failures > options.Retries)
                    throw new HttpRequestException($"{problem.Message} Given up after {failures} attempts: try again later; what has arrived is kept.", problem);
                await Task.Delay(Wait(problem, failures), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A request whose answer is there when its headers are; the caller disposes it.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="address">Where to.</param>
    /// <param name="range">The bytes wanted, or null for all.</param>
    /// <param name="elsewhere">Whether redirects to other servers are followed too; otherwise the redirect is the answer.</param>
    /// <param name="seen">Sees every answer, redirects included.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HubTransientException">The server is not to be reached, silent, or busy.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, RangeHeaderValue? range, bool elsewhere, Action<HttpResponseMessage>? seen, CancellationToken cancellation)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            var response = await SendOnceAsync(method, address, range, cancellation).ConfigureAwait(false);
            seen?.Invoke(response);
            if (Redirect(response, address) is not { } next || (!elsewhere && !SameServer(next, address)))
                return response;
            response.Dispose();
            if (address.Scheme == "https" && next.Scheme != "https")
                throw new InvalidDataException($"{address} sends on to {next.Scheme}://{next.Authority}, which is not encrypted: refused.");
            address = next;
        }
        throw new InvalidDataException($"{address} is the end of {MostRedirects} redirects, and there is one more: refused.");
    }

    /// <summary>Runs a read of an answer's body so that silence and a broken connection are failures that may pass.</summary>
    public async Task<T> ListenAsync<T>(Func<CancellationToken, Task<T>> read, Uri address, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.Silence);
        try
        {
            return await read(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HubTransientException($"{address.GetLeftPart(UriPartial.Path)} was silent for {options.Silence.TotalSeconds:0.#} s.");
        }
        catch (Exception problem) when (problem is IOException or HttpRequestException)
        {
            throw new HubTransientException($"The connection to {address.GetLeftPart(UriPartial.Path)} failed: {problem.Message.TrimEnd('.')}.", null, problem);
        }
    }

    /// <exception cref="HubTransientException">The server says that it is busy or broken.</exception>
    public static void ThrowIfBusy(HttpResponseMessage response)
    {
        var code = (int)response.StatusCode;
        if (code is not (408 or 425 or 429) && code < 500)
            return;
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        throw new HubTransientException($"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path)} answers {code} {response.ReasonPhrase}.", wait);
    }

    /// <summary>The body of an answer that should be a description.</summary>
    /// <exception cref="InvalidDataException">It is longer than any description.</exception>
    public static async Task<byte[]> SmallAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MostDescription)
                throw new InvalidDataException($"{response.RequestMessage?.RequestUri} answers with more than {MostDescription:N0} bytes where a description was asked for.");
        }
        return content.ToArray();
    }

    private Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellation) =>
        ListenAsync(
            async patience =>
            {
                using var request = new HttpRequestMessage(method, address);
                request.Headers.UserAgent.ParseAdd("interp/0.1");
                request.Headers.AcceptEncoding.ParseAdd("identity");
                request.Headers.Range = range;
                if (options.Token is not null && SameServer(address, options.Endpoint))
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
                return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience).ConfigureAwait(false);
            },
            address, cancellation);

    private static bool SameServer(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority == other.Authority;

    private static Uri? Redirect(HttpResponseMessage response, Uri from)
    {
        var moved = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
        if (!moved || response.Headers.Location is not { } location)
            return null;
        var next = new Uri(from, location);
        return next.Scheme is "http" or "https" ? next : throw new InvalidDataException($"{from} sends on to '{next.Scheme}:', which is no address on the web: refused.");
    }

    private TimeSpan Wait(HubTransientException problem, int failures)
    {
        if (problem.Wait is not { } asked)
            return TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, options.RetryDelay.Ticks << Math.Min(failures - 1, 16)));
        if (asked > options.LongestWait)
            throw new HttpRequestException($"{problem.Message} It asks to wait {asked.TotalSeconds:N0} s, more than {nameof(HubOptions.LongestWait)} ({options.LongestWait.TotalSeconds:N0} s): try again later.", problem);
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }
}
