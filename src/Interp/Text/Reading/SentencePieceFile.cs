namespace Interp;

using System.Text;

/// <summary>What a SentencePiece model file says; field numbers are those of sentencepiece_model.proto.</summary>
internal sealed record SentencePieceFile
{
    public List<SentencePiece> Pieces { get; } = [];

    public bool IsUnigram { get; private set; } = true;

    public bool ByteFallback { get; private set; }

    public int UnknownId { get; private set; }

    public int BosId { get; private set; } = 1;

    public int EosId { get; private set; } = 2;

    public int PadId { get; private set; } = -1;

    public byte[] CharacterMap { get; private set; } = [];

    public bool AddPrefix { get; private set; } = true;

    public bool RemoveExtraSpaces { get; private set; } = true;

    public bool EscapeSpaces { get; private set; } = true;

    public static SentencePieceFile Read(string path)
    {
        var file = new SentencePieceFile();
        var reader = new ProtoReader(File.ReadAllBytes(path), path);
        while (reader.Next())
            if (reader.Field == 1)
                file.Pieces.Add(Piece(new ProtoReader(reader.Bytes(), path)));
            else if (reader.Field == 2)
                file.Trainer(new ProtoReader(reader.Bytes(), path), path);
            else if (reader.Field == 3)
                file.Normalization(new ProtoReader(reader.Bytes(), path));
            else
                reader.Skip();
        return file.Pieces.Count > 0 ? file : throw new InvalidDataException($"{path} is no SentencePiece model: it has no pieces.");
    }

    private static SentencePiece Piece(ProtoReader reader)
    {
        var (text, score, kind) = ("", 0f, SentencePieceKind.Normal);
        while (reader.Next())
            switch (reader.Field)
            {
                case 1:
                    text = Encoding.UTF8.GetString(reader.Bytes());
                    break;
                case 2:
                    score = reader.Float();
                    break;
                case 3:
                    kind = (SentencePieceKind)reader.Int();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        return new SentencePiece(text, score, kind);
    }

    private void Trainer(ProtoReader reader, string path)
    {
        while (reader.Next())
            switch (reader.Field)
            {
                case 3:
                    IsUnigram = reader.Int() switch
                    {
                        1 => true,
                        2 => false,
                        var type => throw new InvalidDataException($"{path}: SentencePiece model type {type} is not read here. Known: 1 (unigram), 2 (byte-pair encoding)."),
                    };
                    break;
                case 35:
                    ByteFallback = reader.Flag();
                    break;
                case 40:
                    UnknownId = reader.Int();
                    break;
                case 41:
                    BosId = reader.Int();
                    break;
                case 42:
                    EosId = reader.Int();
                    break;
                case 43:
                    PadId = reader.Int();
                    break;
                default:
                    reader.Skip();
                    break;
            }
    }

    private void Normalization(ProtoReader reader)
    {
        while (reader.Next())
            switch (reader.Field)
            {
                case 2:
                    CharacterMap = reader.Bytes().ToArray();
                    break;
                case 3:
                    AddPrefix = reader.Flag();
                    break;
                case 4:
                    RemoveExtraSpaces = reader.Flag();
                    break;
                case 5:
                    EscapeSpaces = reader.Flag();
                    break;
                default:
                    reader.Skip();
                    break;
            }
    }
}
