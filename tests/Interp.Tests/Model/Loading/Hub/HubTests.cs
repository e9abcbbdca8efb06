namespace Interp.Tests.Model.Loading.Hubs;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "model")]
public sealed class HubTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeHub hub = new();

    public HubTests()
    {
        hub.Files["config.json"] = System.Text.Encoding.UTF8.GetBytes(TinyCheckpoint.Gpt2Config);
        TinyCheckpoint.Write(folder.File("model.safetensors"), TinyCheckpoint.Gpt2());
        hub.Files["model.safetensors"] = File.ReadAllBytes(folder.File("model.safetensors"));
        hub.Files["README.md"] = "not needed"u8.ToArray();
        hub.Large.Add("model.safetensors");
    }

    private string Cache => folder.File("cache");

    private string Kept => Path.Combine(Cache, "models--some-one--tiny");

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Load_RepositoryAndRevision_EqualsTheFolderItCameFrom()
    {
        var options = new LoadOptions { Hub = hub.Options(Cache) };
        using var fetched = Models.Load(FakeHub.Repository, "main", options);
        using var byName = Models.Load(FakeHub.Repository, options);
        File.WriteAllText(folder.File("config.json"), TinyCheckpoint.Gpt2Config);
        using var local = Models.Load(folder.Path);

        fetched.Config.ModelName.ShouldBe("tiny");
        using var logits = fetched.On(RunInput.Of([[1, 2, 3]])).Logits();
        using var again = byName.On(RunInput.Of([[1, 2, 3]])).Logits();
        using var expected = local.On(RunInput.Of([[1, 2, 3]])).Logits();
        logits.data<float>().ToArray().ShouldBe(expected.data<float>().ToArray());
        again.data<float>().ToArray().ShouldBe(expected.data<float>().ToArray());
    }

    [Fact]
    public void Model_Fetched_LiesAsPythonLaysIt()
    {
        using var client = new Hub(hub.Options(Cache));

        var snapshot = client.Model(FakeHub.Repository);

        snapshot.ShouldBe(Path.Combine(Kept, "snapshots", FakeHub.Commit));
        File.ReadAllText(Path.Combine(Kept, "refs", "main")).ShouldBe(FakeHub.Commit);
        Directory.GetFiles(snapshot).Select(path => Path.GetFileName(path)).Order().ShouldBe(["config.json", "model.safetensors"]);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            var tag = FakeHub.Tag(hub.Files[name], hub.Large.Contains(name));
            File.ResolveLinkTarget(Path.Combine(snapshot, name), returnFinalTarget: false)!.FullName.ShouldBe(Path.Combine(Kept, "blobs", tag));
            new FileInfo(Path.Combine(snapshot, name)).LinkTarget.ShouldBe(Path.Combine("..", "..", "blobs", tag));
            File.ReadAllBytes(Path.Combine(snapshot, name)).ShouldBe(hub.Files[name]);
            File.Exists(Path.Combine(Cache, ".locks", "models--some-one--tiny", tag + ".lock")).ShouldBeTrue();
        }
        Directory.GetFiles(Path.Combine(Kept, "blobs")).Length.ShouldBe(2);
    }

    [Fact]
    public void Model_SecondTime_AsksForTheCommitAlone()
    {
        using var client = new Hub(hub.Options(Cache));
        client.Model(FakeHub.Repository);
        var before = hub.Seen.Count();

        client.Model(FakeHub.Repository);
        hub.Seen.Count().ShouldBe(before + 1);
        client.Model(FakeHub.Repository, FakeHub.Commit);
        hub.Seen.Count().ShouldBe(before + 1);
    }

    [Fact]
    public void Model_FetchedByPython_IsFoundOffline()
    {
        // What Python's library leaves behind, made by hand.
        var snapshot = Directory.CreateDirectory(Path.Combine(Kept, "snapshots", FakeHub.Commit)).FullName;
        Directory.CreateDirectory(Path.Combine(Kept, "blobs"));
        Directory.CreateDirectory(Path.Combine(Kept, "refs", "pr"));
        File.WriteAllText(Path.Combine(Kept, "refs", "main"), FakeHub.Commit);
        File.WriteAllText(Path.Combine(Kept, "refs", "pr", "1"), FakeHub.Commit);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            var tag = FakeHub.Tag(hub.Files[name], hub.Large.Contains(name));
            File.WriteAllBytes(Path.Combine(Kept, "blobs", tag), hub.Files[name]);
            File.CreateSymbolicLink(Path.Combine(snapshot, name), Path.Combine("..", "..", "blobs", tag));
        }
        using var client = new Hub(hub.Options(Cache) with { Offline = true });

        client.Model(FakeHub.Repository).ShouldBe(snapshot);
        client.Model(FakeHub.Repository, "pr/1").ShouldBe(snapshot);
        client.Model(FakeHub.Repository, FakeHub.Commit).ShouldBe(snapshot);
        client.File(FakeHub.Repository, "config.json").ShouldBe(Path.Combine(snapshot, "config.json"));
        Should.Throw<FileNotFoundException>(() => client.File(FakeHub.Repository, "other.json")).Message.ShouldContain("HF_HUB_OFFLINE");
        Should.Throw<FileNotFoundException>(() => client.Model(FakeHub.Repository, "v2")).Message.ShouldContain("'v2'");
        Should.Throw<InvalidOperationException>(() => client.Files(FakeHub.Repository)).Message.ShouldContain("offline");
        hub.Seen.ShouldBeEmpty();
        Evidence.Record("hub", true, "a folder laid out as Python's is found, offline, without a request");
    }

    [Fact]
    public void Model_ServerAway_GivesWhatIsKept()
    {
        using var client = new Hub(hub.Options(Cache) with { Retries = 1 });
        var snapshot = client.Model(FakeHub.Repository);
        hub.Break = _ => new ServerReply(503, []);

        client.Model(FakeHub.Repository).ShouldBe(snapshot);
        client.File(FakeHub.Repository, "config.json").ShouldBe(Path.Combine(snapshot, "config.json"));
        Should.Throw<HttpRequestException>(() => client.Model(FakeHub.Repository, "other")).Message.ShouldContain("503");
    }

    [Fact]
    public void Model_Shards_AreFetchedByTheIndex()
    {
        var whole = hub.Files["model.safetensors"];
        hub.Files.Remove("model.safetensors");
        hub.Files["model-1.safetensors"] = whole;
        hub.Files["model-9.safetensors"] = [1];
        var map = TinyCheckpoint.Gpt2().Keys.ToDictionary(name => name, _ => "model-1.safetensors");
        hub.Files["model.safetensors.index.json"] = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { weight_map = map });
        using var model = Models.Load(FakeHub.Repository, "main", new LoadOptions { Hub = hub.Options(Cache) });

        model.Config.Layers.ShouldBe(1);
        hub.Seen.ShouldNotContain(request => request.Path.Contains("model-9"));
    }

    [Fact]
    public void Model_PickleAlone_IsFetchedOnlyWhenAsked()
    {
        hub.Files.Remove("model.safetensors");
        hub.Files["pytorch_model.bin"] = "bytes"u8.ToArray();
        using var client = new Hub(hub.Options(Cache));

        Should.Throw<FileNotFoundException>(() => client.Model(FakeHub.Repository)).Message.ShouldContain("AllowPickle");
        hub.Seen.ShouldNotContain(request => request.Path.EndsWith("pytorch_model.bin", StringComparison.Ordinal));
        File.Exists(Path.Combine(client.Model(FakeHub.Repository, allowPickle: true), "pytorch_model.bin")).ShouldBeTrue();
    }

    [Fact]
    public void Refusals_OfTheHub_SayWhatToDo()
    {
        using var client = new Hub(hub.Options(Cache));
        string Message<T>(Action action) where T : Exception
        {
            var message = Should.Throw<T>(action).Message;
            message.ShouldNotContain("hf_secret");
            return message;
        }

        Message<UnauthorizedAccessException>(() => client.File("no/such", "config.json")).ShouldContain("'no/such'");
        Message<FileNotFoundException>(() => client.Model(FakeHub.Repository, "v7")).ShouldContain("no revision 'v7'");
        Message<FileNotFoundException>(() => client.File(FakeHub.Repository, "nothing.json")).ShouldContain("'nothing.json'");
        hub.Break = _ => new ServerReply(403, []) { Headers = { ["X-Error-Code"] = "GatedRepo" } };
        Message<UnauthorizedAccessException>(() => client.Model(FakeHub.Repository)).ShouldContain("HF_TOKEN");
        hub.Break = _ => new ServerReply(200, "<html>"u8.ToArray());
        Message<InvalidDataException>(() => client.Model(FakeHub.Repository)).ShouldContain("no description");
        hub.Break = request => request.Method == "HEAD" ? new ServerReply(200, []) : null;
        Message<InvalidDataException>(() => client.Model(FakeHub.Repository)).ShouldContain("X-Repo-Commit");
        client.ToString().ShouldNotContain("hf_secret");
    }

    [Fact]
    public void Series_NumberedBranches_AreWalkedInOrderOneAtATime()
    {
        hub.Branches.AddRange(["step1000", "step0", "step20", "notes"]);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var options = new LoadOptions { Hub = hub.Options(Cache) };
        var alive = Interp.Native.TorchRuntime.LiveTensors;

        var series = Models.Series(FakeHub.Repository, options);
        var seen = new List<long>();
        var table = series.Measure("tensors", ["layers", "live"], model =>
        {
            seen.Add(Interp.Native.TorchRuntime.LiveTensors - alive);
            return [model.Config.Layers, seen[^1]];
        });

        series.Select(point => point.Step).ShouldBe([0L, 20, 1000]);
        series.ToString().ShouldBe("some-one/tiny: 3 checkpoints, step0 to step1000");
        table.AxisOf("checkpoint").Labels.ShouldBe(["step0", "step20", "step1000"]);
        seen.Distinct().Count().ShouldBe(1);
        Interp.Native.TorchRuntime.LiveTensors.ShouldBe(alive);
        Evidence.Record("checkpoint-series", true, $"{series.Count} branches in order of their numbers, {seen[0]} tensors alive at each");
        Models.Series(FakeHub.Repository, ["step20", "main"], options)[1].Step.ShouldBeNull();
        Should.Throw<ArgumentException>(() => Models.Series(FakeHub.Repository, []));
    }

    [Fact]
    public void Series_FoldersOfATraining_AreTakenByNumber()
    {
        foreach (var name in new[] { "checkpoint-100", "checkpoint-20", "logs" })
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, "run", name));
            File.WriteAllText(Path.Combine(folder.Path, "run", name, "config.json"), TinyCheckpoint.Gpt2Config);
            File.Copy(folder.File("model.safetensors"), Path.Combine(folder.Path, "run", name, "model.safetensors"));
        }

        var series = Models.Series(folder.File("run"));

        series.Select(point => point.Name).ShouldBe(["checkpoint-20", "checkpoint-100"]);
        series.Measure("layers", model => model.Config.Layers).Values.ToArray().ShouldBe([1.0, 1]);
        Should.Throw<FileNotFoundException>(() => Models.Series(folder.File("run/logs"))).Message.ShouldContain("step1000");
    }
}
