namespace Interp.Tests.Unit.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class CheckpointTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_ShardedFolder_FindsEveryTensor()
    {
        Shard("model-1.safetensors", "a");
        Shard("model-2.safetensors", "b", "c");
        folder.Write(Index, """{"metadata":{"total_size":12},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-2.safetensors"}}""");

        using var checkpoint = Checkpoint.Open(folder.Path);

        checkpoint.Names.ShouldBe(["a", "b", "c"]);
        checkpoint.Entry("c").Shape.ShouldBe([1L]);
    }

    [Fact]
    public void Open_BothSingleFileAndIndex_TakesTheSingleFile()
    {
        Shard("model.safetensors", "whole");
        folder.Write(Index, """{"weight_map":{"a":"gone.safetensors"}}""");

        using var checkpoint = Checkpoint.Open(folder.Path);

        checkpoint.Names.ShouldBe(["whole"]);
    }

    [Fact]
    public void Open_MissingShard_NamesItAndWhatItHolds()
    {
        folder.Write(Index, """{"weight_map":{"a":"gone.safetensors","b":"gone.safetensors"}}""");

        var error = Should.Throw<FileNotFoundException>(() => Checkpoint.Open(folder.Path));

        error.Message.ShouldContain("'gone.safetensors' for 2 tensors");
    }

    [Fact]
    public void Open_ShardWithoutItsTensor_NamesBoth()
    {
        Shard("model-1.safetensors", "a");
        folder.Write(Index, """{"weight_map":{"a":"model-1.safetensors","b":"model-1.safetensors"}}""");

        Should.Throw<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain("promises tensor 'b' in 'model-1.safetensors'");
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\\\windows")]
    [InlineData("sub/file.safetensors")]
    [InlineData("")]
    public void Open_ShardOutsideTheFolder_IsRefused(string shard)
    {
        folder.Write(Index, $$$"""{"weight_map":{"a":"{{{shard}}}"}}""");

        Should.Throw<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain("not a plain file name");
    }

    [Theory]
    [InlineData("not json", "not valid JSON")]
    [InlineData("[]", "no object 'weight_map'")]
    [InlineData("{\"weight_map\":[]}", "no object 'weight_map'")]
    [InlineData("{\"weight_map\":{}}", "empty")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "no file name for tensor 'a'")]
    [InlineData("{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}", "'a' twice")]
    public void Open_HostileIndex_StatesTheFact(string json, string fact)
    {
        folder.Write(Index, json);

        Should.Throw<InvalidDataException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain(fact);
    }

    [Fact]
    public void Open_FolderWithPickleOnly_SaysWhyNotAndWhatToDo()
    {
        folder.Write("pytorch_model.bin", "");

        Should.Throw<FileNotFoundException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain("'pytorch_model.bin' is a pickle");
    }

    [Fact]
    public void Open_FolderWithPickleAllowed_ReadsIt()
    {
        folder.Write("pytorch_model-1.bin", PickleWriter.Zip(new PickleWriter().Op('}').Text("a.weight").Whole("FloatStorage", "0", 1).Op('s').Done(), [("0", BitConverter.GetBytes(2.5f))]));
        folder.Write("pytorch_model.bin.index.json", """{"weight_map":{"a.weight":"pytorch_model-1.bin"}}""");

        Should.Throw<FileNotFoundException>(() => Checkpoint.Open(folder.Path)).Message.ShouldContain("AllowPickle");
        Should.Throw<InvalidDataException>(() => Checkpoint.Open(folder.File("pytorch_model-1.bin"))).Message.ShouldContain("AllowPickle");
        using var checkpoint = Checkpoint.Open(folder.Path, allowPickle: true);
        checkpoint.Entry("a.weight").ToString().ShouldBe("a.weight Float32 [1]");
        using var tensor = checkpoint.Read("a.weight", [1]);
        tensor.item<float>().ShouldBe(2.5f);
    }

    [Fact]
    public void Open_NoSuchFolder_NamesIt() =>
        Should.Throw<FileNotFoundException>(() => Checkpoint.Open(folder.File("nowhere"))).Message.ShouldContain("nowhere");

    [Fact]
    public void Entry_UnknownTensor_NamesTheNearest()
    {
        Shard("model.safetensors", "transformer.wte.weight", "lm_head.weight");
        using var checkpoint = Checkpoint.Open(folder.Path);

        Should.Throw<InvalidDataException>(() => checkpoint.Entry("wte.weight")).Message.ShouldContain("Nearest: 'transformer.wte.weight'");
    }

    private void Shard(string file, params string[] names)
    {
        var writer = new SafetensorsWriter();
        foreach (var name in names)
            writer.Add(name, SafetensorsType.Float32, [1], new byte[4]);
        writer.Save(folder.File(file), null);
    }
}
