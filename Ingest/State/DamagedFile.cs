using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Telemetry.Ingest.State;

/// <summary>What becomes of a database that is damaged at start: it is put aside, never deleted, said aloud, and made anew from the log.</summary>
internal static partial class DamagedFile
{
    private const int Corrupt = 11, NotADatabase = 26;
    private const string Suffix = ".damaged-";

    public static bool IsPutAside(string path) => Path.GetFileName(path).Contains(Suffix, StringComparison.Ordinal);

    /// <summary>Looks into a SQLite database as a whole: its pages and what holds them together. The values in them have no checksum.</summary>
    /// <returns>What is damaged; null where nothing is, and where it can't be opened for another reason.</returns>
    public static string? WhatIn(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            return command.ExecuteScalar() is string said and not "ok" ? said : null;
        }
        catch (SqliteException error)
        {
            return error.SqliteErrorCode is Corrupt or NotADatabase ? error.Message : null;
        }
    }

    /// <param name="consequence">What its loss means.</param>
    /// <param name="companions">Suffixes of files that belong to it.</param>
    public static void PutAside(string path, string what, string consequence, ILogger logger, params ReadOnlySpan<string> companions)
    {
        var number = 1;
        while (File.Exists(Aside(path, number)))
            number++;
        var aside = Aside(path, number);
        File.Move(path, aside);
        foreach (var companion in companions)
        {
            if (File.Exists(path + companion))
                File.Move(path + companion, aside + companion);
        }
        LogPutAside(logger, path, what, aside, consequence);
    }

    private static string Aside(string path, int number) => path + Suffix + number.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged ({What}) and was put aside as {Aside}; {Consequence}")]
    private static partial void LogPutAside(ILogger logger, string path, string what, string aside, string consequence);
}
