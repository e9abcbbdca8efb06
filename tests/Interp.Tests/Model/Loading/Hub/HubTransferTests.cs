namespace Interp.Tests.Model.Loading.Hubs;

using System.Collections.Concurrent;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>One large file from servers that misbehave.</summary>
[Trait("Tier", "model")]
public sealed class HubTransferTests : IDisposable
{
    private const string Name = "weights.bin";

    private readonly TemporaryFolder folder = new();
    private readonly FakeHub hub = new();
    private readonly byte[] content = new byte[5_300_000];

    public HubTransferTests()
    {
        new Random(1).NextBytes(content);
        hub.Files[Name] = content;
        hub.Large.Add(Name);
    }

    private string Blob => Path.Combine(folder.Path, "models--some-one--tiny", "blobs", FakeHub.Tag(content, large: true));

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void File_ConnectionDropsInTheMiddle_GoesOnWhereItStopped(int connections)
    {
        var drops = 0;
        hub.Break = request =>
        {
            if (!FromStore(request))
                return null;
            var count = Interlocked.Increment(ref drops);
            // The first answer waits for a second request, so that the test does not depend on how quick the machine is.
            if (count == 1 && connections > 1)
                SpinWait.SpinUntil(() => hub.MostAtOnce > 1, TimeSpan.FromSeconds(5));
            return count <= 7 ? hub.Part(request, content) with { DropAfter = 100_000 } : null;
        };

        Fetch(hub.Options(folder.Path) with { Connections = connections, Retries = 3 });

        var ranges = hub.SeenByStore.Select(request => request.Range?.From ?? 0).ToArray();
        ranges.ShouldContain(from => from % 100_000 == 0 && from > 0);
        if (connections > 1)
            hub.MostAtOnce.ShouldBeGreaterThan(1);
        Evidence.Record("hub", true, $"{connections} connections, 7 drops: {content.Length:N0} bytes whole after {ranges.Length} requests");
    }

    [Fact]
    public void File_BeginningLeftByAnEarlierAttempt_IsContinued()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        File.WriteAllBytes(Blob + ".incomplete", content[..4_000_000]);

        Fetch(hub.Options(folder.Path));

        hub.SeenByStore.Min(request => request.Range!.Value.From).ShouldBe(4_000_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void File_BeginningOfSomethingElse_IsFetchedAnew(bool longer)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        File.WriteAllBytes(Blob + ".incomplete", new byte[longer ? 6_000_000 : 1_000_000]);

        Fetch(hub.Options(folder.Path));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void File_BusyServer_IsAskedAgain(int status)
    {
        var waits = new ConcurrentQueue<string>();
        hub.Break = request =>
        {
            var key = request.Method + request.Path + request.Header("Range");
            if (waits.Contains(key))
                return null;
            waits.Enqueue(key);
            return new ServerReply(status, []) { Headers = { ["Retry-After"] = "0" } };
        };

        Fetch(hub.Options(folder.Path));

        waits.Count.ShouldBeGreaterThan(5);
        Evidence.Record("hub", true, $"every request answered {status} at first: {waits.Count} repeated");
    }

    [Fact]
    public void File_AskedToWaitTooLong_SaysSo()
    {
        hub.Break = _ => new ServerReply(429, []) { Headers = { ["Retry-After"] = "3600" } };

        Should.Throw<HttpRequestException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain("3,600 s");
    }

    [Fact]
    public void File_ServerThatFailsForGood_KeepsWhatHasCome()
    {
        var served = 0;
        hub.Break = request => FromStore(request) && Interlocked.Increment(ref served) > 2 ? new ServerReply(502, []) : null;
        var options = hub.Options(folder.Path) with { Connections = 2, Retries = 2 };

        Should.Throw<HttpRequestException>(() => Fetch(options)).Message.ShouldContain("what has arrived is kept");
        File.ReadAllBytes(Blob + ".incomplete").ShouldBe(content[..(2 << 20)]);
        File.Exists(Blob).ShouldBeFalse();
        hub.Break = _ => null;
        Fetch(options);
        hub.SeenByStore.Skip(2).Count(request => request.Range?.From < 2 << 20).ShouldBe(0);
    }

    [Fact]
    public void File_SilentServer_IsAskedAgain()
    {
        var served = 0;
        hub.Break = request => FromStore(request) && Interlocked.Increment(ref served) == 1
            ? hub.Part(request, content) with { Silence = TimeSpan.FromSeconds(20) }
            : null;

        Fetch(hub.Options(folder.Path) with { Silence = TimeSpan.FromSeconds(0.5) });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void File_WrongBytes_AreFetchedOnceMoreAndThenRefused(bool always)
    {
        var served = 0;
        var wrong = (byte[])content.Clone();
        wrong[3_000_000] ^= 1;
        hub.Break = request => FromStore(request) && (always || Interlocked.Increment(ref served) <= 6) ? hub.Part(request, wrong) : null;

        if (!always)
        {
            Fetch(hub.Options(folder.Path));
            return;
        }
        Should.Throw<InvalidDataException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain(FakeHub.Tag(content, large: true));
        Directory.GetFiles(Path.GetDirectoryName(Blob)!).ShouldBeEmpty();
        Evidence.Record("hub", true, "one changed bit: fetched once more, then refused, and nothing of it kept");
    }

    [Theory]
    [InlineData(-1000, 1)]
    [InlineData(1000, 1)]
    [InlineData(-1000, 4)]
    [InlineData(1000, 4)]
    public void File_WrongLength_IsRefused(int difference, int connections)
    {
        var other = new byte[content.Length + difference];
        content.AsSpan(0, Math.Min(content.Length, other.Length)).CopyTo(other);
        hub.Break = request => FromStore(request) ? hub.Part(request, other) : null;
        var options = hub.Options(folder.Path) with { Connections = connections, Retries = 2 };

        // A file that only grew behind the announced end is whole in its parts.
        if (difference > 0 && connections > 1)
            Fetch(options);
        else
            (Should.Throw<Exception>(() => Fetch(options)) is HttpRequestException or InvalidDataException).ShouldBeTrue();
        File.Exists(Blob).ShouldBe(difference > 0 && connections > 1);
    }

    [Fact]
    public void File_ServerWithoutRanges_ComesInOneStream()
    {
        hub.GivesRanges = false;
        var drops = 0;
        hub.Break = request => FromStore(request) && Interlocked.Increment(ref drops) is > 4 and <= 6 ? hub.Part(request, content) with { DropAfter = 2_000_000 } : null;

        Fetch(hub.Options(folder.Path));
    }

    [Fact]
    public void File_RangesThatAreNotTheOnesAskedFor_AreRefused()
    {
        hub.Break = request => FromStore(request) ? new ServerReply(206, content[..1000]) { Headers = { ["Content-Range"] = $"bytes 7-1006/{content.Length}" } } : null;

        Should.Throw<HttpRequestException>(() => Fetch(hub.Options(folder.Path) with { Retries = 1 })).Message.ShouldContain("other bytes than were asked for");
    }

    [Fact]
    public void File_RedirectedElsewhere_LeavesTheTokenBehind()
    {
        var hops = 0;
        // A renamed repository: first a relative redirect on the hub itself.
        hub.Break = request => request.Path.Contains("/resolve/") && !request.Path.EndsWith("?moved", StringComparison.Ordinal) && Interlocked.Increment(ref hops) < 3
            ? new ServerReply(307, []) { Headers = { ["Location"] = request.Path } }
            : null;

        Fetch(hub.Options(folder.Path));

        hub.SeenByHub.ShouldAllBe(request => request.Header("Authorization") == "Bearer hf_secret");
        hub.SeenByStore.ShouldNotBeEmpty();
        hub.SeenByStore.ShouldAllBe(request => request.Header("Authorization") == null);
        Evidence.Record("hub", true, $"{hub.SeenByStore.Count} redirected requests without the token, {hub.SeenByHub.Count} with it");
    }

    [Fact]
    public void File_RedirectsWithoutEnd_AreRefused()
    {
        hub.Break = request => new ServerReply(302, []) { Headers = { ["Location"] = request.Path } };

        Should.Throw<InvalidDataException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain("redirects");
        hub.Seen.Count().ShouldBeLessThan(20);
        hub.Break = _ => new ServerReply(302, []) { Headers = { ["Location"] = "file:///etc/passwd" } };
        Should.Throw<InvalidDataException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain("'file:'");
    }

    [Theory]
    [InlineData("../../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData("..")]
    [InlineData("a\\\\b")]
    [InlineData("")]
    public void File_HostileEntityTag_IsRefused(string tag)
    {
        hub.Break = request => request.Method == "HEAD" ? new ServerReply(200, []) { Headers = { ["ETag"] = $"\"{tag}\"", ["X-Repo-Commit"] = FakeHub.Commit } } : null;

        Should.Throw<InvalidDataException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain("entity tag");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../../../escaped")]
    [InlineData("main")]
    public void File_HostileCommit_IsRefused(string commit)
    {
        hub.Break = request => request.Method == "HEAD" ? new ServerReply(200, []) { Headers = { ["ETag"] = "\"abc\"", ["X-Repo-Commit"] = commit } } : null;

        Should.Throw<InvalidDataException>(() => Fetch(hub.Options(folder.Path))).Message.ShouldContain("X-Repo-Commit");
        Directory.GetFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../x")]
    [InlineData("a\\..\\x")]
    [InlineData("C:x")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("x\0")]
    public void Names_ThatLeadOut_AreRefusedBeforeAnyRequest(string name)
    {
        using var client = new Hub(hub.Options(folder.Path));

        Should.Throw<ArgumentException>(() => client.File(FakeHub.Repository, name));
        Should.Throw<ArgumentException>(() => client.File(FakeHub.Repository, Name, name));
        Should.Throw<ArgumentException>(() => client.File(name, Name));
        hub.Seen.ShouldBeEmpty();
    }

    [Fact]
    public void Model_HostileNamesOnTheServer_StayOutside()
    {
        hub.Files["config.json"] = "{}"u8.ToArray();
        hub.Files["../../../escaped.tiktoken"] = [1];
        hub.Files["model.safetensors.index.json"] = """{"weight_map":{"a":"../../../escaped.safetensors"}}"""u8.ToArray();
        using var client = new Hub(hub.Options(folder.Path));

        Should.Throw<InvalidDataException>(() => client.Model(FakeHub.Repository)).Message.ShouldContain("plain file name");
        hub.Seen.ShouldNotContain(request => request.Path.Contains("escaped"));
        Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Order().ShouldBe([".locks", "models--some-one--tiny"]);
        Evidence.Record("hub", true, "hostile names of files, shards, tags and commits refused");
    }

    [Fact]
    public void File_TwoAtOnce_FetchOnce()
    {
        var paths = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ =>
        {
            using var client = new Hub(hub.Options(folder.Path) with { Connections = 1 });
            return client.File(FakeHub.Repository, Name);
        }).ToArray();

        paths.Distinct().Count().ShouldBe(1);
        hub.SeenByStore.Count.ShouldBe(1);
        File.ReadAllBytes(paths[0]).ShouldBe(content);
    }

    [Fact]
    public void File_Cancelled_KeepsWhatHasCome()
    {
        using var cancel = new CancellationTokenSource();
        var options = hub.Options(folder.Path) with { Connections = 2, Progress = new Stopper(cancel) };
        using var client = new Hub(options);

        Should.Throw<OperationCanceledException>(() => client.File(FakeHub.Repository, Name, cancellation: cancel.Token));

        new FileInfo(Blob + ".incomplete").Length.ShouldBeGreaterThanOrEqualTo(1 << 20);
        Fetch(hub.Options(folder.Path));
    }

    [Fact]
    public void Options_OutOfRange_AreNamedTogether()
    {
        var problem = Should.Throw<ArgumentException>(() => new Hub(hub.Options(folder.Path) with { Endpoint = new Uri("ftp://x"), Connections = 0, Token = "a\nb" }));

        problem.Message.ShouldContain("ftp://x");
        problem.Message.ShouldContain("Connections is 0");
        problem.Message.ShouldContain("HF_TOKEN");
        problem.Message.ShouldNotContain("a\nb");
    }

    [Fact]
    public void Options_OfTheEnvironment_FollowPython()
    {
        var names = new[] { "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_TOKEN_PATH" };
        var before = names.Select(Environment.GetEnvironmentVariable).ToArray();
        try
        {
            foreach (var name in names)
                Environment.SetEnvironmentVariable(name, null);
            new HubOptions().Endpoint.ShouldBe(new Uri("https://huggingface.co"));
            new HubOptions().Offline.ShouldBeFalse();
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder.Path);
            new HubOptions().Cache.ShouldBe(folder.File("huggingface/hub"));
            Environment.SetEnvironmentVariable("HF_HOME", folder.File("home"));
            new HubOptions().Cache.ShouldBe(folder.File("home/hub"));
            new HubOptions().Token.ShouldBeNull();
            Directory.CreateDirectory(folder.File("home"));
            File.WriteAllText(folder.File("home/token"), "hf_file\n");
            new HubOptions().Token.ShouldBe("hf_file");
            Environment.SetEnvironmentVariable("HF_TOKEN", "hf_variable");
            new HubOptions().Token.ShouldBe("hf_variable");
            Environment.SetEnvironmentVariable("HF_HUB_CACHE", folder.File("elsewhere"));
            Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
            Environment.SetEnvironmentVariable("HF_ENDPOINT", "https://mirror.example/hf/");
            new HubOptions().ToString().ShouldBe($"https://mirror.example/hf/ into {folder.File("elsewhere")}, offline");
        }
        finally
        {
            foreach (var (name, value) in names.Zip(before))
                Environment.SetEnvironmentVariable(name, value);
        }
    }

    private bool FromStore(SeenRequest request) => request.Path.StartsWith("/blobs/", StringComparison.Ordinal);

    private void Fetch(HubOptions options)
    {
        using var client = new Hub(options);
        var path = client.File(FakeHub.Repository, Name);
        File.ReadAllBytes(path).AsSpan().SequenceEqual(content).ShouldBeTrue();
        File.Exists(Blob + ".incomplete").ShouldBeFalse();
    }

    private sealed class Stopper(CancellationTokenSource source) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.Bytes >= 1 << 20)
                source.Cancel();
        }
    }
}
